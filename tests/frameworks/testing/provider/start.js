import { startProvider } from "wristband-local-provider";

const provider = await startProvider({ appOrigins: ["http://localhost:5173"] });
provider.control.addFault({ endpoint: "authorize", redirect: { error: "access_denied" } });
console.log(provider.appSettings, provider.control.log());
await provider.close();
