from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from transformers import ViTConfig, ViTForImageClassification

from emotibot_models.artifacts import Manifest, save_weights, seal
from emotibot_models.conv_vit import ConvViT, ConvViTConfig
from emotibot_models.errors import ArtifactError
from emotibot_models.face_emotion import HYBRID, LABELS, NOT_SURE, TASK, FaceEmotionModel
from emotibot_models.presets import STARTER
from emotibot_models.types import FaceEmotion, FaceMode, FaceOutcome

TINY = ConvViTConfig(
    channels=(4, 4, 8, 8), hidden_size=8, layers=1, heads=2, intermediate_size=16, dropout=0.0
)
MANIFEST = Manifest(
    task=TASK,
    architecture=HYBRID,
    labels=LABELS,
    temperature=0.01,
    settings={"confidence_floor": 0.0},
)
DETECT, CROP = FaceMode.DETECT, FaceMode.CROP
SHUFFLED = ["Happiness", "sad", "anger", "neutral", "fear", "surprised", "disgust"]


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    return Image.fromarray(skimage.data.astronaut())


@pytest.fixture
def folder(tmp_path):
    """A random hybrid as a weights folder."""
    torch.manual_seed(1)
    save_weights(tmp_path / "model.safetensors", ConvViT(TINY).state_dict(), storage="fp16")
    (tmp_path / "config.json").write_text(json.dumps(TINY.to_dict()))
    return sealed(tmp_path, MANIFEST)


def sealed(path, manifest):
    seal(path, manifest, ["model.safetensors", "config.json"])
    return path


def save_vit(path, labels=SHUFFLED, **options):
    """A random ViT of one layer as a transformers folder."""
    torch.manual_seed(1)
    config = ViTConfig(
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=32,
        id2label=dict(enumerate(labels)),
        label2id={name: i for i, name in enumerate(labels)},
        **options,
    )
    model = ViTForImageClassification(config)
    model.save_pretrained(path)
    return model


def test_a_portrait_is_read_with_a_probability_for_each_expression(folder, portrait):
    [reading] = FaceEmotionModel.load(folder, "cpu").read([portrait], [DETECT])
    assert (reading.outcome, reading.faces) == (FaceOutcome.READ, 1)
    assert LABELS[reading.scores.index(max(reading.scores))] == reading.emotion
    assert sum(reading.scores) == pytest.approx(1.0, abs=1e-4)
    assert reading.box is not None


def test_a_photo_stored_on_its_side_is_read_as_its_upright_twin(folder, portrait):
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways, upright = BytesIO(), BytesIO()
    portrait.transpose(Image.Transpose.ROTATE_90).save(sideways, "JPEG", exif=exif, quality=95)
    portrait.save(upright, "JPEG", quality=95)
    model = FaceEmotionModel.load(folder, "cpu")
    one, other = model.read([sideways.getvalue(), upright.getvalue()], [DETECT, DETECT])
    assert one.emotion == other.emotion
    assert one.box.left == pytest.approx(other.box.left, abs=8)


def test_good_and_bad_pictures_in_one_list_keep_their_places(folder, portrait):
    blank = Image.new("RGB", (200, 200), "grey")
    pictures = [b"no picture", portrait, blank, b"", portrait]
    readings = FaceEmotionModel.load(folder, "cpu").read(pictures, [DETECT] * 4 + [CROP])
    assert [reading.outcome.value for reading in readings] == [
        "unreadable",
        "read",
        "no_face",
        "unreadable",
        "read",
    ]
    assert "as a picture" in readings[0].note


def test_a_crop_is_taken_as_it_is(folder, portrait):
    crop = portrait.crop((176, 67, 272, 163))
    model = FaceEmotionModel.load(folder, "cpu")
    [reading] = model.read([crop], [CROP])
    assert reading.scores == pytest.approx(model.scores([crop])[0].tolist())
    assert reading.box is None


def test_below_the_floor_no_expression_is_named(folder, portrait):
    sealed(folder, replace(MANIFEST, temperature=1e3, settings={"confidence_floor": 0.9}))
    [reading] = FaceEmotionModel.load(folder, "cpu").read([portrait], [DETECT])
    assert (reading.outcome, reading.emotion, reading.note) == (
        FaceOutcome.NOT_SURE,
        None,
        NOT_SURE,
    )


def test_two_faces_are_not_classified(folder, portrait):
    head = portrait.crop((100, 0, 350, 250))
    pair = Image.new("RGB", (500, 250))
    pair.paste(head, (0, 0))
    pair.paste(head, (250, 0))
    [reading] = FaceEmotionModel.load(folder, "cpu").read([pair], [DETECT])
    assert (reading.outcome, reading.faces, reading.scores) == (FaceOutcome.SEVERAL_FACES, 2, ())


def test_no_pictures_give_no_readings(folder):
    assert FaceEmotionModel.load(folder, "cpu").read([], []) == []


def test_a_batch_reads_as_its_pictures_one_by_one(folder, portrait):
    crops = [portrait.crop((i * 20, 40, i * 20 + 100, 140)) for i in range(5)]
    model = FaceEmotionModel.load(folder, "cpu")
    single = torch.cat([model.scores([crop]) for crop in crops])
    assert torch.allclose(model.scores(crops), single, atol=1e-4)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        pytest.param(replace(MANIFEST, task="toxicity"), "not for 'face-emotion'", id="task"),
        pytest.param(
            replace(MANIFEST, labels=LABELS[::-1]), "was trained on the labels", id="label-order"
        ),
        pytest.param(replace(MANIFEST, architecture="cnn"), "unknown network", id="architecture"),
    ],
)
def test_weights_for_something_else_are_refused(folder, manifest, said):
    sealed(folder, manifest)
    with pytest.raises(ArtifactError, match=said):
        FaceEmotionModel.load(folder, "cpu")


def test_a_configuration_that_does_not_fit_the_weights_is_refused(folder):
    (folder / "config.json").write_text(json.dumps(replace(TINY, hidden_size=4).to_dict()))
    sealed(folder, MANIFEST)
    with pytest.raises(ArtifactError, match="does not fit this version"):
        FaceEmotionModel.load(folder, "cpu")


def test_altered_weights_are_refused(folder):
    (folder / "config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="was altered"):
        FaceEmotionModel.load(folder, "cpu")


def test_a_vit_with_labels_in_another_order_is_read_by_name(tmp_path, portrait):
    network = save_vit(tmp_path)
    crop = portrait.crop((176, 67, 272, 163))
    with torch.inference_mode():
        small = np.asarray(crop.convert("L").resize((32, 32), Image.Resampling.BILINEAR))
        pixels = torch.from_numpy(small / 127.5 - 1).float().expand(1, 3, 32, 32)
        theirs = torch.softmax(network.eval()(pixel_values=pixels).logits, 1)[0]
    ours = FaceEmotionModel.load(tmp_path, "cpu").scores([crop])[0]
    assert ours[LABELS.index("happy")] == pytest.approx(float(theirs[0]), abs=1e-3)
    assert ours[LABELS.index("surprise")] == pytest.approx(float(theirs[5]), abs=1e-3)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        pytest.param(["LABEL_0", "LABEL_1"], "train face-emotion --base", id="no-head"),
        pytest.param(["cat", "dog"], "unknown 'cat', 'dog'; missing 'angry'", id="other-labels"),
    ],
)
def test_a_vit_without_the_seven_expressions_is_refused(tmp_path, labels, said):
    save_vit(tmp_path, labels)
    with pytest.raises(ArtifactError, match=said):
        FaceEmotionModel.load(tmp_path, "cpu")


def test_a_pickle_is_refused(tmp_path):
    save_vit(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(ArtifactError, match="is a pickle"):
        FaceEmotionModel.load(tmp_path, "cpu")


def test_another_architecture_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ArtifactError, match="is a 'bert' network"):
        FaceEmotionModel.load(tmp_path, "cpu")


def test_a_place_without_a_model_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="cannot be loaded as a ViT image classifier"):
        FaceEmotionModel.load(tmp_path / "nothing", "cpu")


def test_the_weights_on_board_read_the_smile_on_the_portrait(portrait):
    [reading] = FaceEmotionModel.load(STARTER / "face_emotion", "cpu").read([portrait], [DETECT])
    assert (reading.faces, reading.emotion) == (1, FaceEmotion.HAPPY)
