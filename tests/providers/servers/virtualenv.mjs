// Makes a virtual environment of Python with the packages of a requirements file, once.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { need, onceFor, toolPath } from './process.mjs';

const PYTHON = process.env.PYTHON || 'python3';
const IS_RECENT = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', '--requirement'];
const PLACE = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];

/** Installs what `requirements`, a file beside this one, lists for `product`. Returns the path of the Python that has it. */
export async function virtualenv({ name, requirements, product }) {
  const folder = toolPath(name);
  const file = fileURLToPath(new URL(requirements, import.meta.url));
  const python = path.join(folder, ...PLACE);
  await onceFor(folder, await readFile(file, 'utf8'), async () => {
    const reason = `${product} needs Python 3.10 or newer with its venv module.`;
    await need(reason, PYTHON, ['-c', IS_RECENT]);
    await need(reason, PYTHON, ['-m', 'venv', '--clear', folder]);
    await need(`${product} cannot be installed with pip.`, python, [...PIP, file]);
  });
  return python;
}
