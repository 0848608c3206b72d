"""A graph that makes a clip of a picture, as the tests of more than one subject ask it."""

from tests.projections.recipes.graphs import Graph, changed, node

# The picture's way.


def film() -> Graph:
    """A still is made, and a clip begins with it."""
    return changed(
        n9=node("SaveVideo", filename_prefix="render", video=["64", 0]),
        n60=node("WanImageToVideo", positive=["61", 0], negative=["7", 0], start_image=["8", 0], width=832, height=480, length=81),
        n61=node("CLIPTextEncode", text="the light turns", clip=["4", 1]),
        n62=node("UNETLoader", unet_name="clip.safetensors"),
        n63=node("KSampler", seed=5, steps=4, cfg=1.0, sampler_name="lcm", scheduler="simple", denoise=1.0, model=["62", 0], positive=["60", 0], negative=["60", 1], latent_image=["60", 2]),
        n64=node("CreateVideo", images=["65", 0], fps=16),
        n65=node("VAEDecode", samples=["63", 0], vae=["4", 2]),
    )  # fmt: skip
