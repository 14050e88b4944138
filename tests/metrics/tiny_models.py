"""Tiny models with seeded random weights, laid out on disk as the real ones are."""

import json
from contextlib import contextmanager

import numpy as np
import pytest

WIDTH, LAYERS, HEADS = 32, 3, 2
CLIP_COLOURS = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
IMAGENET_COLOURS = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALVES = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
TOKENS = ["<pad>", "<unk>", "a", "red", "blue", "disc", "square", "</s>"]


def shape(**more):
    return {
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        **more,
    }


def write_hub_models(folder):
    """DINOv2, DINOv3, CLIP, SigLIP and SigLIP 2, each as its folder on the hub."""
    import torch
    import transformers as hf

    torch.manual_seed(20)
    dinov2 = hf.Dinov2Config(hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, image_size=70)
    steps = {"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}, "resample": 3}
    for size in ("base", "large"):
        _write(hf.Dinov2Model(dinov2), folder / f"facebook/dinov2-{size}", {**steps, **IMAGENET_COLOURS})
    dinov3 = hf.DINOv3ViTConfig(**shape(image_size=224, patch_size=56, num_register_tokens=2))
    steps = {"size": {"height": 224, "width": 224}, "resample": 2}
    for size in ("b16", "l16"):
        name = f"facebook/dinov3-vit{size}-pretrain-lvd1689m"
        _write(hf.DINOv3ViTModel(dinov3), folder / name, {**steps, **IMAGENET_COLOURS})
    for name, side, patch in (("base-patch32", 224, 56), ("large-patch14-336", 336, 84)):
        both = {"projection_dim": 24}
        text = shape(vocab_size=len(TOKENS), max_position_embeddings=6, eos_token_id=7, bos_token_id=2, **both)
        clip = hf.CLIPConfig(text_config=text, vision_config=shape(image_size=side, patch_size=patch, **both), **both)
        steps = {"size": {"shortest_edge": side}, "crop_size": side, "resample": 3, **CLIP_COLOURS}
        _write(hf.CLIPModel(clip), folder / f"openai/clip-vit-{name}", steps)
        _write_tokenizer(folder / f"openai/clip-vit-{name}")
    for name, resample in (("siglip", 3), ("siglip2", 2)):
        text = shape(
            vocab_size=len(TOKENS), max_position_embeddings=6, projection_size=WIDTH, eos_token_id=7, bos_token_id=2
        )
        siglip = hf.SiglipConfig(text_config=text, vision_config=shape(image_size=384, patch_size=96))
        model = hf.SiglipModel(siglip)
        with torch.no_grad():
            model.logit_scale.fill_(1.5)
            model.logit_bias.fill_(-0.5)
        at = folder / f"google/{name}-so400m-patch14-384"
        _write(model, at, {"size": {"height": 384, "width": 384}, "resample": resample, **HALVES})
        _write_tokenizer(at)


def _write(model, folder, steps):
    import torch

    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.2)
    model.eval().save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(steps))


def _write_tokenizer(folder):
    import transformers as hf
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = Tokenizer(models.WordLevel({token: at for at, token in enumerate(TOKENS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 7)])
    made = hf.PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", unk_token="<unk>", eos_token="</s>")
    made.save_pretrained(folder)


def write_convnets(folder):
    """AlexNet's and VGG-16's convolutions, LPIPS's heads and DISTS's weights."""
    import torch

    generator = torch.Generator().manual_seed(21)

    def convolution(state, number, given, gives, kernel):
        weight = torch.randn(gives, given, kernel, kernel, generator=generator)
        state[f"features.{number}.weight"] = weight * (2 / (given * kernel**2)) ** 0.5
        state[f"features.{number}.bias"] = torch.randn(gives, generator=generator) * 0.1

    alexnet, vgg = {}, {}
    for layer in ((0, 3, 64, 11), (3, 64, 192, 5), (6, 192, 384, 3), (8, 384, 256, 3), (10, 256, 256, 3)):
        convolution(alexnet, *layer)
    given = 3
    for number, gives in zip(
        (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28),
        (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512),
        strict=True,
    ):
        convolution(vgg, number, given, gives, 3)
        given = gives
    torch.save(alexnet, folder / "alexnet-owt-7be5be79.pth")
    torch.save(vgg, folder / "vgg16-397923af.pth")
    heads = folder / "lpips/weights/v0.1"
    heads.mkdir(parents=True)
    for net, widths in (("alex", (64, 192, 384, 256, 256)), ("vgg", (64, 128, 256, 512, 512))):
        named = enumerate(widths)
        state = {f"lin{at}.model.1.weight": torch.rand(1, width, 1, 1, generator=generator) for at, width in named}
        torch.save(state, heads / f"{net}.pth", _use_new_zipfile_serialization=False)
    (folder / "DISTS_pytorch").mkdir()
    mixed = {name: torch.rand(1, 1475, 1, 1, generator=generator) for name in ("alpha", "beta")}
    torch.save(mixed, folder / "DISTS_pytorch/weights.pt")


def write_inception(folder):
    """Both Inceptions, all their layers."""
    import torch

    generator = torch.Generator().manual_seed(22)
    state = {"fc.weight": torch.randn(1008, 2048, generator=generator) * 0.02, "fc.bias": torch.zeros(1008)}
    for layer, (gives, given, height, width) in INCEPTION.items():
        weight = torch.randn(gives, given, height, width, generator=generator)
        state[f"{layer}.conv.weight"] = weight * (2 / (given * height * width)) ** 0.5
        for part, start in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            state[f"{layer}.bn.{part}"] = torch.full((gives,), float(start))
    torch.save(state, folder / "inception_v3_google-0cc3c7bd.pth")
    # Their files differ in the number of classes alone.
    (folder / "pt_inception-2015-12-05-6726825d.pth").symlink_to("inception_v3_google-0cc3c7bd.pth")


def _inception_layers():
    """Layer → channels out and in, height and width of its kernel."""
    layers = {
        "Conv2d_1a_3x3": (32, 3, 3, 3),
        "Conv2d_2a_3x3": (32, 32, 3, 3),
        "Conv2d_2b_3x3": (64, 32, 3, 3),
        "Conv2d_3b_1x1": (80, 64, 1, 1),
        "Conv2d_4a_3x3": (192, 80, 3, 3),
    }

    def add(block, **branches):
        layers.update({f"{block}.{branch}": sizes for branch, sizes in branches.items()})

    for block, given, pooled in (("Mixed_5b", 192, 32), ("Mixed_5c", 256, 64), ("Mixed_5d", 288, 64)):
        add(block, branch1x1=(64, given, 1, 1), branch_pool=(pooled, given, 1, 1))
        add(block, branch5x5_1=(48, given, 1, 1), branch5x5_2=(64, 48, 5, 5))
        add(block, branch3x3dbl_1=(64, given, 1, 1), branch3x3dbl_2=(96, 64, 3, 3), branch3x3dbl_3=(96, 96, 3, 3))
    add("Mixed_6a", branch3x3=(384, 288, 3, 3), branch3x3dbl_1=(64, 288, 1, 1))
    add("Mixed_6a", branch3x3dbl_2=(96, 64, 3, 3), branch3x3dbl_3=(96, 96, 3, 3))
    for block, c in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        add(block, branch1x1=(192, 768, 1, 1), branch_pool=(192, 768, 1, 1))
        add(block, branch7x7_1=(c, 768, 1, 1), branch7x7_2=(c, c, 1, 7), branch7x7_3=(192, c, 7, 1))
        add(block, branch7x7dbl_1=(c, 768, 1, 1), branch7x7dbl_2=(c, c, 7, 1), branch7x7dbl_3=(c, c, 1, 7))
        add(block, branch7x7dbl_4=(c, c, 7, 1), branch7x7dbl_5=(192, c, 1, 7))
    add("Mixed_7a", branch3x3_1=(192, 768, 1, 1), branch3x3_2=(320, 192, 3, 3), branch7x7x3_1=(192, 768, 1, 1))
    add("Mixed_7a", branch7x7x3_2=(192, 192, 1, 7), branch7x7x3_3=(192, 192, 7, 1), branch7x7x3_4=(192, 192, 3, 3))
    for block, given in (("Mixed_7b", 1280), ("Mixed_7c", 2048)):
        add(block, branch1x1=(320, given, 1, 1), branch_pool=(192, given, 1, 1), branch3x3_1=(384, given, 1, 1))
        add(block, branch3x3_2a=(384, 384, 1, 3), branch3x3_2b=(384, 384, 3, 1), branch3x3dbl_1=(448, given, 1, 1))
        add(block, branch3x3dbl_2=(384, 448, 3, 3), branch3x3dbl_3a=(384, 384, 1, 3), branch3x3dbl_3b=(384, 384, 3, 1))
    return layers


INCEPTION = _inception_layers()


def write_dreamsim(folder):
    """The ensemble's three transformers, narrow and two blocks deep, and their corrections."""
    import torch
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(23)
    width, out, rank = 64, 24, 2

    def values(*sides):
        return torch.randn(*sides, generator=generator) * 0.2

    def tower(*, clip):
        state = {
            "cls_token": values(1, 1, width),
            "pos_embed": values(1, 17, width),
            "patch_embed.proj.weight": values(width, 3, 56, 56) * 0.1,
            "patch_embed.proj.bias": values(width),
            "norm.weight": 1 + values(width),
            "norm.bias": values(width),
        }
        if clip:
            state |= {"pos_drop.weight": 1 + values(width), "pos_drop.bias": values(width), "proj": values(width, out)}
        for at in ("blocks.0.", "blocks.1."):
            linears = {"attn.qkv": (3, 1), "attn.proj": (1, 1), "mlp.fc1": (2, 1), "mlp.fc2": (1, 2)}
            for name, (gives, given) in linears.items():
                state[f"{at}{name}.weight"] = values(gives * width, given * width)
                state[f"{at}{name}.bias"] = values(gives * width)
            for name in ("norm1", "norm2"):
                state |= {f"{at}{name}.weight": 1 + values(width), f"{at}{name}.bias": values(width)}
        return {"state_dict": state} if clip else state

    torch.save(tower(clip=False), folder / "dino_vitbase16_pretrain.pth")
    torch.save(tower(clip=True), folder / "clip_vitb16_pretrain.pth.tar")
    torch.save(tower(clip=True), folder / "open_clip_vitb16_pretrain.pth.tar")
    adapter = folder / "ensemble_lora"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text(json.dumps({"r": rank, "lora_alpha": 0.5, "target_modules": ["qkv"]}))
    learnt = {}
    for number in range(3):
        for block in range(2):
            at = f"base_model.model.extractor_list.{number}.model.blocks.{block}.attn.qkv.lora_"
            learnt |= {f"{at}A.weight": values(rank, width), f"{at}B.weight": values(3 * width, rank)}
    save_file(learnt, adapter / "adapter_model.safetensors")


def picture(seed, height=90, width=140):
    """A white page with some coloured boxes."""
    random = np.random.default_rng(seed)
    page = np.full((height, width, 3), 255, np.uint8)
    for _ in range(6):
        top, left = random.integers(0, height - 20), random.integers(0, width - 30)
        page[top : top + random.integers(5, 20), left : left + random.integers(5, 30)] = random.integers(0, 255, 3)
    return page


@contextmanager
def in_place(folder):
    """The models of a folder found, run on one thread of the processor, and unloaded afterwards."""
    import torch

    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DERENDER_WEIGHTS", str(folder))
        patch.setenv("DERENDER_DEVICE", "cpu")
        torch.set_num_threads(1)
        release()
        yield folder
        release()
        torch.set_num_threads(threads)


def release():
    """Unload every model, so that later tests find the machine as it is."""
    from derender.metrics import clip, clip_text, dino, dists, dreamsim, efficientnet, imagesim, inception, lpips, virl

    for module in (clip, clip_text, dino, dists, dreamsim, efficientnet, imagesim, inception, lpips, virl):
        for value in vars(module).values():
            if hasattr(value, "release") and not isinstance(value, type):
                value.release()
