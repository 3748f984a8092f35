from __future__ import annotations

import gzip

import numpy as np
import pytest
from PIL import Image

from emotibot_models.types import FaceEmotion
from training.face_emotion.data import FER_ORDER, VOTE_COLUMNS, copies_of, count_copies, read_faces
from training.runs.errors import DataError

ORDER = list(FaceEmotion)
RNG = np.random.default_rng(2)
IMAGES = RNG.integers(0, 256, (9, 48, 48), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 3, 4, 5, 6, 3, 3], dtype=np.uint8)
USAGE = np.array([0] * 7 + [1, 2], dtype=np.uint8)


def write_npz(folder, **changes):
    arrays = {"images": IMAGES, "labels": LABELS, "usage": USAGE} | changes
    np.savez(folder / "fer2013.npz", **arrays)


def write_votes(folder, *, columns=(*VOTE_COLUMNS, "contempt", "unknown", "NF"), rows=9):
    counts = {"anger": 6, "contempt": 2, "sadness": 2}
    lines = [",".join(columns)]
    lines += [",".join(str(counts.get(name, 0)) for name in columns)] * (rows - 1)
    lines += [",".join("10" if name == "NF" else "0" for name in columns)]
    with gzip.open(folder / "ferplus_votes.csv.gz", "wt") as file:
        file.write("\n".join(lines))


def write_csv(folder, *, header="emotion,pixels,Usage", pixels=None, emotion=None):
    names = ("Training", "PublicTest", "PrivateTest")
    lines = [header]
    for image, label, usage in zip(IMAGES, LABELS, USAGE, strict=True):
        text = pixels or " ".join(map(str, image.ravel()))
        lines.append(f"{label if emotion is None else emotion},{text},{names[usage]}")
    (folder / "fer2013.csv").write_text("\n".join(lines))


def write_folders(folder, *, per_label=4):
    for part in ("train", "test"):
        for label in FaceEmotion:
            place = folder / part / label.value
            place.mkdir(parents=True)
            for i in range(per_label):
                Image.fromarray(IMAGES[i]).save(place / f"{i}.png")


def test_copies_of_train_in_other_parts_are_counted(data):
    found = count_copies(read_faces(data))
    assert found == {
        "faces of dev that also stand in train, kept there": 0,
        "faces of test that also stand in train, kept there": 1,
    }


def test_their_numbers_become_our_labels_by_name(tmp_path):
    write_npz(tmp_path)
    data = read_faces(tmp_path)
    assert [ORDER[i] for i in data.train.labels] == list(FER_ORDER)
    assert (len(data.train), len(data.dev), len(data.test)) == (7, 1, 1)
    assert (data.dev.images[0] == IMAGES[7]).all()


def test_a_set_without_private_test_can_be_trained_on(tmp_path):
    write_npz(tmp_path, images=IMAGES[:8], labels=LABELS[:8], usage=USAGE[:8])
    data = read_faces(tmp_path)
    assert (len(data.train), len(data.dev), len(data.test)) == (7, 1, 0)
    assert count_copies(data) == {"faces of dev that also stand in train, kept there": 0}


def test_the_original_table_reads_like_the_arrays(tmp_path):
    write_csv(tmp_path)
    data = read_faces(tmp_path)
    assert [ORDER[i] for i in data.train.labels] == list(FER_ORDER)
    assert (data.test.images[0] == IMAGES[8]).all()


def test_the_image_folder_layout_is_read_and_a_tenth_of_train_is_dev(tmp_path):
    write_folders(tmp_path / "fer2013")
    data = read_faces(tmp_path)
    assert (len(data.train), len(data.dev), len(data.test)) == (26, 2, 28)
    assert sorted({ORDER[i] for i in data.test.labels}) == ORDER


def test_votes_become_shares_of_the_seven_and_mark_what_is_no_face(tmp_path):
    write_npz(tmp_path)
    write_votes(tmp_path)
    data = read_faces(tmp_path)
    row = dict(zip(ORDER, data.train.votes[0].tolist(), strict=True))
    assert (row["angry"], row["sad"]) == (0.75, 0.25)
    assert data.test.not_a_face.tolist() == [True]
    assert data.test.votes.sum() == 0


def test_pixel_copies_are_found(tmp_path):
    images = IMAGES.copy()
    images[8] = images[0]
    write_npz(tmp_path, images=images)
    data = read_faces(tmp_path)
    assert copies_of(data.test, data.train).tolist() == [True]
    assert copies_of(data.dev, data.train).tolist() == [False]


def broken_archive(folder):
    (folder / "fer2013.npz").write_bytes(b"nothing")


def no_labels(folder):
    np.savez(folder / "fer2013.npz", images=IMAGES, usage=USAGE)


def short_votes(folder):
    write_npz(folder)
    write_votes(folder, rows=4)


def votes_without_fear(folder):
    write_npz(folder)
    write_votes(folder, columns=[name for name in (*VOTE_COLUMNS, "NF") if name != "fear"])


def strange_folder(folder):
    write_folders(folder)
    (folder / "train" / "proud").mkdir()


def no_picture(folder):
    write_folders(folder)
    (folder / "test" / "sad" / "x.png").write_bytes(b"text")


def empty_folders(folder):
    write_folders(folder, per_label=0)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        pytest.param(lambda folder: None, "holds no FER2013", id="nothing"),
        pytest.param(broken_archive, "npz cannot be read", id="broken-archive"),
        pytest.param(no_labels, "has no array 'labels'", id="array-missing"),
        pytest.param(lambda f: write_npz(f, usage=USAGE[:3]), "do not fit", id="lengths-differ"),
        pytest.param(
            lambda f: write_npz(f, usage=USAGE * 0), "has no face of PublicTest", id="no-dev"
        ),
        pytest.param(short_votes, "has 4 rows, the pictures are 9", id="votes-too-short"),
        pytest.param(votes_without_fear, "has no column 'fear'", id="vote-column-missing"),
        pytest.param(
            lambda f: write_csv(f, header="label,pixels,Usage"),
            "fer2013.csv has no column 'emotion'",
            id="column-missing",
        ),
        pytest.param(lambda f: write_csv(f, pixels="1 2 3"), "data row 1 is not 2304", id="pixels"),
        pytest.param(lambda f: write_csv(f, emotion=9), "'emotion' holds 9", id="label-unknown"),
        pytest.param(strange_folder, "is named after none of angry", id="folder-unknown"),
        pytest.param(no_picture, "x.png is no picture", id="no-picture"),
        pytest.param(empty_folders, "no folder with pictures", id="empty-folders"),
    ],
)
def test_a_fault_in_the_data_is_one_sentence(tmp_path, write, said):
    write(tmp_path)
    with pytest.raises(DataError, match=said):
        read_faces(tmp_path)
