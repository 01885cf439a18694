"""Opens the envelope `argv[2]` to `argv[3]` at the server `argv[1]`. Runs where otdf-python 0.11 is installed."""

import sys

from otdf_python.sdk_builder import SDKBuilder

url, sealed, opened = sys.argv[1:]
builder = SDKBuilder().set_platform_endpoint(url).use_insecure_plaintext_connection(True)
with builder.client_secret("test", "test").build() as sdk, open(sealed, "rb") as file:
    payload = sdk.load_tdf(file.read()).payload
with open(opened, "wb") as file:
    file.write(payload)
