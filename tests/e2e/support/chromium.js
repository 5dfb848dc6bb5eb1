// How Chromium is started, by any of the tools that drive it.
export const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';

export const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
