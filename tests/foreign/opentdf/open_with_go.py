"""Opens the envelope `argv[2]` to `argv[3]` at the server `argv[1]`. Runs where otdf-python 0.2.20 is installed.

That wheel carries the compiled Go SDK 0.7.0.
"""

import sys

from otdf_python.gotdf_python import DecryptFile, OpentdfConfig

url, sealed, opened = sys.argv[1:]
config = OpentdfConfig(
    ClientId="test", ClientSecret="test", PlatformEndpoint=url,
    TokenEndpoint=f"{url}/protocol/openid-connect/token", KasUrl=url, InsecureSkipVerify=True,
)
DecryptFile(sealed, opened, config)
