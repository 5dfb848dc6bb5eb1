// Reads the body of a request for the log and the faults, and lets the library read it again.
const LIMIT = 64 * 1024;

async function readAll(req) {
  const chunks = [];
  let length = 0;
  for await (const chunk of req) {
    length += chunk.length;
    if (length <= LIMIT) chunks.push(chunk);
  }
  return length <= LIMIT ? Buffer.concat(chunks) : undefined;
}

/** The library reads the request as a stream, so the stream provides the same bytes a second time. */
function replay(req, bytes) {
  Object.defineProperty(req, 'readable', { value: true, configurable: true });
  req.iterator = async function* again() { yield bytes; };
}

/** Makes the library read another form than the one that was sent. */
export function replaceForm(req, form) {
  const bytes = Buffer.from(String(new URLSearchParams(form)));
  req.headers['content-length'] = String(bytes.length);
  replay(req, bytes);
}

export async function readBody(req) {
  if (req.method === 'GET' || req.method === 'HEAD' || req.method === 'OPTIONS') return {};
  const bytes = await readAll(req);
  if (bytes === undefined) return { tooLarge: true };
  replay(req, bytes);
  const type = req.headers['content-type'] ?? '';
  const text = bytes.toString('utf8');
  if (type.startsWith('application/x-www-form-urlencoded')) return { form: Object.fromEntries(new URLSearchParams(text)) };
  if (!text) return {};
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { malformed: true };
  }
}
