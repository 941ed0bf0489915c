"""Writes a tiny llama model with random weights, as GGUF: a real model file that says nothing sensible.

Usage: model.py OUT.gguf fast|slow
`fast` writes thousands of tokens a second and ends its replies. `slow` writes a hundred or so and never
ends one by itself, so that a cancelled stream is cut while it runs.
"""

import sys

import gguf
import numpy as np

# width, layers, and how likely the end of a reply is beside the words
KINDS = {"fast": (64, 2, -0.8), "slow": (512, 8, -30.0)}
NEVER, RARELY = -30.0, -6.0
CONTEXT, SEED = 4096, 11

# Words with accents, scripts of their own and joined emoji, so that replies exercise a reader of UTF-8.
WORDS = """the a and of to in is on with from one two three red green blue old new early late
lamp river bridge paper window ladder engine signal harbour station morning letter market garden
opens closes keeps sends waits turns follows carries measures answers
token stream model prompt server answer 1 2 3 42 3.14 **bold** `code`
café naïve straße señor Ωmega привет 日本語 한국어 مرحبا 🙂 🚀 👩‍💻""".split()
MARKS = list(".,:;!?-()[]{}\"'/\\#*_=+<>|&%$@~^") + ["\n", ".\n"]
LETTERS = [chr(code) for first, last in ("az", "AZ", "09") for code in range(ord(first), ord(last) + 1)]


def vocabulary(end):
    """Each token with its kind and its likelihood. Bytes make any prompt encodable."""
    kind = gguf.TokenType
    tokens = [("<unk>", kind.UNKNOWN, NEVER), ("<s>", kind.CONTROL, NEVER), ("</s>", kind.CONTROL, end)]
    tokens += [(f"<|{role}|>", kind.CONTROL, NEVER) for role in ("system", "user", "assistant")]
    tokens += [(f"<0x{byte:02X}>", kind.BYTE, RARELY) for byte in range(256)]
    tokens += [("\u2581" + word, kind.NORMAL, 0.0) for word in WORDS]
    tokens += [(text, kind.NORMAL, -2.0) for text in MARKS]
    tokens += [(text, kind.NORMAL, RARELY) for text in ["\u2581", *LETTERS]]
    return tokens


def write(path, width, layers, end):
    """Channel 0 of the hidden state is held constant, so its column of the output layer sets likelihoods."""
    random = np.random.default_rng(SEED)

    def weights(rows, columns, scale=1.0):
        return (random.standard_normal((rows, columns)) * scale / np.sqrt(columns)).astype(np.float32)

    def silent(rows, columns):
        """Adds nothing to the constant channel."""
        matrix = weights(rows, columns, 0.7)
        matrix[0] = 0
        return matrix

    tokens, heads, inner = vocabulary(end), width // 16, width * 2
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("tiny-random")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(width)
    out.add_block_count(layers)
    out.add_feed_forward_length(inner)
    out.add_head_count(heads)
    out.add_head_count_kv(heads)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(width // heads)
    out.add_vocab_size(len(tokens))
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    out.add_tokenizer_model("llama")
    out.add_token_list([text for text, _, _ in tokens])
    out.add_token_scores([-float(rank) for rank in range(len(tokens))])
    out.add_token_types([int(kind) for _, kind, _ in tokens])
    out.add_unk_token_id(0)
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_add_bos_token(True)
    out.add_chat_template(
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )

    embedding = weights(len(tokens), width, np.sqrt(width))
    embedding[:, 0] = 1.5
    out.add_tensor("token_embd.weight", embedding)
    ones = np.ones(width, np.float32)
    for layer in range(layers):
        block = f"blk.{layer}."
        out.add_tensor(block + "attn_norm.weight", ones)
        out.add_tensor(block + "ffn_norm.weight", ones)
        for name in ("attn_q", "attn_k", "attn_v"):
            out.add_tensor(f"{block}{name}.weight", weights(width, width))
        out.add_tensor(block + "attn_output.weight", silent(width, width))
        out.add_tensor(block + "ffn_gate.weight", weights(inner, width))
        out.add_tensor(block + "ffn_up.weight", weights(inner, width))
        out.add_tensor(block + "ffn_down.weight", silent(width, inner))
    out.add_tensor("output_norm.weight", ones)
    output = weights(len(tokens), width, 1.2)
    output[:, 0] = [likelihood for _, _, likelihood in tokens]
    out.add_tensor("output.weight", output)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


if __name__ == "__main__":
    write(sys.argv[1], *KINDS[sys.argv[2]])
