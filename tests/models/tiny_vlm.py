"""Models that see, far too small to know anything: the real classes with random weights, saved like checkpoints."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

PAD, END, PICTURE = "<|endoftext|>", "<|im_end|>", "<|image_pad|>"
SPECIAL = [PAD, "<|im_start|>", END, "<|vision_start|>", "<|vision_end|>", PICTURE, "<|video_pad|>"]
TEMPLATE = """\
{%- for message in messages %}<|im_start|>{{ message.role }}
{% for part in message.content %}
{%- if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}
{%- endfor %}<|im_end|>
{% endfor %}
{%- if shout %}LOUD{% endif %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def tokenizer():
    """A token for each byte."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytes_only = Tokenizer(models.BPE(vocab={sign: number for number, sign in enumerate(alphabet)}, merges=[]))
    bytes_only.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_only.decoder = decoders.ByteLevel()
    bytes_only.add_special_tokens(SPECIAL)
    fast = PreTrainedTokenizerFast(tokenizer_object=bytes_only, eos_token=END, pad_token=PAD)
    fast.chat_template = TEMPLATE
    return fast


def save(kind, folder):
    """A checkpoint of ``qwen2_5_vl`` or ``qwen3_vl``."""
    words = tokenizer()
    number = words.convert_tokens_to_ids
    signs = {
        "image_token_id": number(PICTURE),
        "video_token_id": number("<|video_pad|>"),
        "vision_start_token_id": number("<|vision_start|>"),
        "vision_end_token_id": number("<|vision_end|>"),
    }
    sizes = {"hidden_size": 32, "intermediate_size": 32}
    rope = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10_000.0}
    text = {
        **sizes,
        "vocab_size": len(words),
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "rope_parameters": rope,
    }
    text |= {"num_key_value_heads": 1, "bos_token_id": None, "eos_token_id": number(END), "pad_token_id": number(PAD)}
    eyes = {**sizes, "depth": 1, "num_heads": 2, "out_hidden_size": 32}
    torch.manual_seed(0)
    if kind == "qwen2_5_vl":
        patch = 14
        eyes |= {"patch_size": patch, "window_size": 112, "fullatt_block_indexes": [0]}
        model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=text, vision_config=eyes, **signs))
    else:
        patch = 16
        eyes |= {"patch_size": patch, "num_position_embeddings": 16, "deepstack_visual_indexes": [0]}
        text["head_dim"] = 16
        model = Qwen3VLForConditionalGeneration(Qwen3VLConfig(text_config=text, vision_config=eyes, **signs))
    # So small that the default weights would leave each token's chance alike.
    for weights in model.parameters():
        weights.data.mul_(8)
    side = 2 * patch
    for each in (model, words, Qwen2VLImageProcessorPil(patch_size=patch, min_pixels=side**2, max_pixels=16 * side**2)):
        each.save_pretrained(folder)
