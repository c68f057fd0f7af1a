// Runs after `npm ci`: keeps the names of version 5 of Terraform's AWS provider in node_modules/.provider-5.json. As a dependency the
// package would unpack 360 MB for them, and double the time of the installation.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { names } from './provider-names.mjs';

const version = '@cdktf/provider-aws@19.65.1'; // AWS provider 5.99.1
const sha512 = 'pUvO9fYAgyc4MreWOZWkzz/lalxOvIAS2YEvBjIadJVqCUEiNN5EDWu5ofBp9Y1k+ncHzl3K6oPgBeYQYJz5kw==';

const folder = mkdtempSync(join(tmpdir(), 'provider-5-'));
try {
  const file = execFileSync('npm', ['pack', version, '--silent', '--pack-destination', folder], { encoding: 'utf8', cwd: folder }).trim().split('\n').pop();
  const packed = readFileSync(join(folder, file));
  const found = createHash('sha512').update(packed).digest('base64');
  if (found !== sha512) throw new Error(`${version} is not the package that was checked: sha512-${found}`);
  const tar = gunzipSync(packed);
  const all = {};
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const path = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = parseInt(tar.toString('ascii', at + 124, at + 136), 8);
    const type = path.match(/^package\/lib\/([a-z0-9-]+)\/index\.js$/)?.[1];
    if (type && !type.startsWith('data-')) all['aws_' + type.replaceAll('-', '_')] = names(tar.toString('utf8', at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(modules, '.provider-5.json'), JSON.stringify(Object.fromEntries(Object.entries(all).filter(([, one]) => one))));
} finally {
  rmSync(folder, { recursive: true });
}
