"""What is said is English to the tests, whoever runs them."""

import os

os.environ["LANGUAGE"] = "en"
