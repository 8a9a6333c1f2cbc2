"""The peers that the model is compared with, one file each; see README.md."""
