// The certified `oidc-provider`, as it is, with one client; its clock is put to that of the test.
import Provider from "oidc-provider";

const [port, redirect, seconds] = process.argv.slice(2);
const real = Date.now.bind(Date);
Date.now = () => real() + Number(seconds) * 1000;

const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: "cordiale", redirect_uris: [redirect], response_types: ["code"], grant_types: ["authorization_code"],
    token_endpoint_auth_method: "none", id_token_signed_response_alg: "RS256", require_auth_time: true,
  }],
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
