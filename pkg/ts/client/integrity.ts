/** Whether these bytes have one of the digests that integrity metadata lists for its strongest algorithm (Subresource Integrity §3.3.4). */
export async function isIntact(bytes: ArrayBuffer, metadata: string): Promise<boolean> {
  // The digests may be base64url as well.
  const listed = [...metadata.replaceAll("-", "+").replaceAll("_", "/").matchAll(/(?:^|\s)sha(256|384|512)\+([^\s?]+)/g)];
  const strongest = listed.map(([, bits]) => bits).sort().pop();
  // Metadata without a known algorithm demands nothing.
  if (!strongest) return true;
  const digest = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest(`SHA-${strongest}`, bytes))));
  return listed.some(([, bits, value]) => bits === strongest && value === digest);
}
