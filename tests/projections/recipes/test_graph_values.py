"""The numbers and the texts of a graph: found where they come from, or not known."""

from typing import Any

import pytest

from tests.projections.recipes.graphs import SIMPLE, changed, inputs, node, read, settings

# Values that come from elsewhere.


STEPS_FROM = {
    "a number": node("PrimitiveInt", value=12),
    "a constant": node("INTConstant", value=12),
    "a text": node("PrimitiveString", value="12"),
    "a sum": node("ComfyMathExpression", expression="(a + b) * 2", **{"values.a": 4, "values.b": 2}),
    "a quotient": node("MathExpression|pysssss", expression="min(a // 2, 30)", a=24),
    "an operation": node("easy mathInt", operation="multiply", a=6, b=2),
    "a switch": node("ComfySwitchNode", switch=False, on_true=4, on_false=12),
    "a switch of text": node("ComfySwitchNode", switch="true", on_true="12", on_false=4),
    "a choice by number": node("ImpactSwitch", select=2, sel_mode=False, input1=4, input2=12),
    "a choice from nought": node("easy anythingIndexSwitch", index=1, value0=4, value1=12),
    "a branch": node("ImpactConditionalBranch", cond=True, tt_value=12, ff_value=4),
    "settings": node("KSampler Config (rgthree)", steps=12, cfg=3.0, scheduler="simple"),
}


@pytest.mark.parametrize("source", STEPS_FROM.values(), ids=STEPS_FROM)
def test_a_number_is_found_where_it_comes_from(source: dict[str, Any]) -> None:
    assert read(changed(n3=inputs(steps=["50", 0]), n50=source))["steps"] == 12


NO_STEPS = {
    "nobody": None,
    "chance": node("RandomInt", min=1, max=50, seed=12),
    "an expression with a name": node("ComfyMathExpression", expression="a + c", **{"values.a": 12}),
    "a power": node("ComfyMathExpression", expression="9**9**9**9"),
    "a call": node("ComfyMathExpression", expression="__import__('os').getpid()"),
    "a long expression": node("ComfyMathExpression", expression="1+" * 1000 + "1"),
    "nothing": node("ComfyMathExpression", expression="1 / 0"),
    "a switch that cannot be told": node("ComfySwitchNode", switch=["99", 0], on_true=4, on_false=12),
    "a choice of what is not there": node("ImpactSwitch", select=3, input1=4, input2=12),
    "itself": node("PrimitiveInt", value=["50", 0]),
}


@pytest.mark.parametrize("source", NO_STEPS.values(), ids=NO_STEPS)
def test_a_number_that_cannot_be_known_is_none(source: dict[str, Any] | None) -> None:
    found = settings(changed(n3=inputs(steps=["50", 0]), n50=source))
    assert found == {name: value for name, value in SIMPLE.items() if name != "steps"}


TEXTS_FROM = {
    "a join": (
        node("StringConcatenate", string_a="gulls", string_b="surf", delimiter=" over "),
        "gulls over surf",
    ),
    "a join of many": (
        node(
            "Text Concatenate",
            delimiter=", ",
            clean_whitespace="true",
            text_a=" gulls",
            text_c="",
            text_b="surf ",
        ),
        "gulls, surf",
    ),
    "numbered parts": (node("JoinStrings", string2="surf", string1="gulls", delimiter="\\n"), "gulls\nsurf"),
    "another text": (
        node("StringReplace", string="gulls over SEA", find="SEA", replace="surf"),
        "gulls over surf",
    ),
    "what was shown": (node("ShowText|pysssss", text=["51", 0], text_0="crows"), "surf"),
    "chance that has been told": (
        node(
            "ImpactWildcardProcessor",
            wildcard_text="{gulls|crows}",
            populated_text="gulls",
            mode="populate",
            seed=1,
        ),
        "gulls",
    ),
    "part of a document": (node("JsonExtractString", json_string='{"a": "gulls"}', key="a"), "gulls"),
    "a field of a box": (node("CR Prompt Text", prompt="gulls"), "gulls"),
    "a constant of one line": (
        node("StringConstantMultiline", string="gulls", strip_newlines=True),
        "gulls",
    ),
}


@pytest.mark.parametrize(("source", "prompt"), TEXTS_FROM.values(), ids=TEXTS_FROM)
def test_a_text_is_found_where_it_comes_from(source: dict[str, Any], prompt: str) -> None:
    graph = changed(n6=inputs(text=["50", 0]), n50=source, n51=node("PrimitiveStringMultiline", value="surf"))
    assert read(graph)["prompt"] == prompt


WRITTEN = {
    "a language model": node("TextGenerate", prompt="gulls", max_length=200, clip=["4", 1]),
    "a language model that was asked one thing": node("OllamaGenerate", prompt="gulls"),
    "a caption": node("WD14Tagger|pysssss", image=["51", 0], threshold=0.3),
    "chance": node("SomeWildcards", text="{gulls|crows}", seed=4),
    "a constant of which each release makes another thing": node(
        "StringConstantMultiline", string="gulls\nsurf", strip_newlines=True
    ),
    "a join with one of them": node("StringConcatenate", string_a="gulls", string_b=["52", 0], delimiter=""),
}


@pytest.mark.parametrize("source", WRITTEN.values(), ids=WRITTEN)
def test_a_text_that_somebody_else_wrote_is_none(source: dict[str, Any]) -> None:
    graph = changed(
        n6=inputs(text=["50", 0]),
        n50=source,
        n51=node("LoadImage", image="gulls.png"),
        n52=node("SomeLLM", prompt="gulls", temperature=0.5),
    )
    assert settings(graph) == {name: value for name, value in SIMPLE.items() if name != "prompt"}


# Texts, by the side of the sampler that they come into.


def test_the_side_is_that_of_the_samplers_input_whatever_the_number_of_an_output() -> None:
    graph = changed(
        n3=inputs(model=["50", 0], positive=["50", 1], negative=["50", 2]),
        n50=node("ApplyFaceModel", model=["4", 0], positive=["6", 0], negative=["7", 0], weight=0.8),
    )
    assert settings(graph) == SIMPLE


def test_an_encoder_of_both_texts_gives_each_side_its_own() -> None:
    both = node("EncodeTwoTexts", prompt="gulls", negative_prompt="crows", clip=["4", 1])
    found = read(changed(n3=inputs(positive=["50", 0], negative=["50", 1]), n50=both))
    assert (found["prompt"], found["negativePrompt"]) == ("gulls", "crows")


def test_the_other_output_of_an_encoder_of_one_text_is_not_that_text() -> None:
    one = node("EncodeForAnEdit", prompt="gulls", clip=["4", 1], image=["51", 0])
    found = read(changed(n3=inputs(positive=["50", 0], negative=["50", 1]), n50=one))
    assert found["prompt"] == "gulls"
    assert "negativePrompt" not in found


def test_regions_follow_the_base_and_each_text_is_told_once() -> None:
    graph = changed(
        n3=inputs(positive=["50", 0]),
        n50=node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["51", 0]),
        n51=node("GLIGENTextBoxApply", conditioning_to=["6", 0], clip=["4", 1], text="a boat", x=0, y=0),
    )
    assert read(graph)["prompt"] == "a lighthouse at dawn\na boat"


def test_literals_stand_where_there_is_no_link() -> None:
    graph = changed(
        n3=inputs(model=["50", 0], positive=["50", 1], negative=["50", 2], latent_image=["50", 3]),
        n50=node(
            "Efficient Loader", ckpt_name="dawn.safetensors", positive="gulls", negative="", lora_name="None"
        ),
    )
    found = read(graph)
    assert (found["model"], found["prompt"]) == ("dawn.safetensors", "gulls")
    assert not {"negativePrompt", "loras"} & found.keys()
