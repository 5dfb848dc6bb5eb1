import { readFile } from "node:fs/promises";
import type { ReactNode } from "react";
import { Session, type Settings } from "./Session";

export const metadata = { title: "Next · wristband-spa-auth", icons: "data:," };

/** One build serves every environment: its settings are read for every request. */
export const dynamic = "force-dynamic";

export default async function RootLayout({ children }: { children: ReactNode }) {
  const settings: Settings = JSON.parse(await readFile("config.json", "utf8"));
  return (
    <html lang="en">
      <body>
        <Session settings={settings}>{children}</Session>
      </body>
    </html>
  );
}
