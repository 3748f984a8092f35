"""One demo page for all tests of it, and people who visit it."""

from __future__ import annotations

import io
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from PIL import Image

from tests.peers.browser import DESKTOP, Visitor, chromium, demo


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(folder):
    async with demo(folder) as address:
        yield address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser():
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tabs(browser):
    """A browser whose tabs load the page from its cache after the first."""
    context = await browser.new_context(viewport=DESKTOP)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def ada(tabs, address):
    visitor = await Visitor.at(tabs, address)
    yield visitor
    await visitor.page.close()


@pytest_asyncio.fixture(loop_scope="session")
async def ben(tabs, address):
    visitor = await Visitor.at(tabs, address)
    yield visitor
    await visitor.page.close()


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(browser, address):
    """Opens the page in a browser of its own, with these manners."""
    async with AsyncExitStack() as stack:

        async def open_page(**manners):
            context = await browser.new_context(**({"viewport": DESKTOP} | manners))
            stack.push_async_callback(context.close)
            return await Visitor.at(context, address)

        yield open_page


@pytest.fixture(scope="session")
def picture():
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(data, "JPEG")
    return data.getvalue()
