"""From nothing to the first prediction: imports, tokenizer, weights, one narrative."""

import json
import sys

import torch
from safetensors.torch import load_file

from peer_model import expected_value, load_model

subject = json.loads(sys.argv[1])
torch.set_num_threads(2)

from tokenizers import Tokenizer  # noqa: E402

tokenizer = Tokenizer.from_file(subject["tokenizer"])
model = load_model(subject["encoder"], subject["features"], subject["weights"]).eval()
with open(subject["texts"], encoding="utf8") as file:
    text = json.load(file)[0]
rows = load_file(subject["rows"])
tokenizer.enable_truncation(subject["length"])
encoding = tokenizer.encode(text)
with torch.inference_mode():
    output = model(
        torch.tensor([encoding.ids]), torch.tensor([encoding.attention_mask]), rows["numeric"][:1], rows["prior"][:1]
    )
    print(json.dumps({"value": expected_value(output).item()}), flush=True)
