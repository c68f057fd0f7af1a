// Prints THIRD-PARTY-NOTICES.txt: every package that travels with the program, by its lock file, with its license, copyright and, where the package
// has them, its own texts. Packages are read from NuGet's folder on this machine, where a restore puts them.
//   usage: node .ci/third-party.mjs > THIRD-PARTY-NOTICES.txt
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = process.env.NUGET_PACKAGES ?? join(homedir(), '.nuget/packages');
const lock = JSON.parse(readFileSync(join(root, 'src/Scanner/packages.lock.json'), 'utf8'));

// Analyzers help to build and do not travel.
const forBuilding = new Set(['Meziantou.Analyzer']);
// What a package's own description lacks: the license that its project's page gives.
const said = { 'K4os.Compression.LZ4': 'MIT' };

const texts = {
  MIT: holder => `MIT License

${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
  'BSD-2-Clause': holder => bsd(holder, ''),
  'BSD-3-Clause': holder => bsd(holder, `
3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products derived from this software without specific prior written permission.
`),
  'Apache-2.0': holder => `${holder}

Licensed under the Apache License, Version 2.0, whose text is in the file LICENSE beside this one.`,
};

function bsd(holder, third) {
  return `${holder}

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following disclaimer in the documentation and/or other materials provided with the distribution.
${third}
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`;
}

const decoded = text => text.replace(/&(lt|gt|amp|quot|apos|#xA9|#169);/g, (_, name) => ({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" })[name] ?? '©');
const clean = text => text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').replace(/[ \t]+$/gm, '').trim();

const bundled = new Map();
for (const framework of Object.values(lock.dependencies))
  for (const [name, { type, resolved }] of Object.entries(framework))
    if (type !== 'Project' && !forBuilding.has(name)) bundled.set(name, resolved);

// Packages with the same text stand under it together.
const sections = new Map();
for (const [name, version] of [...bundled].sort(([a], [b]) => a.toLowerCase() < b.toLowerCase() ? -1 : 1)) {
  const folder = join(packages, name.toLowerCase(), version);
  if (!existsSync(folder)) { console.error(`${folder} is not there: restore the packages first`); process.exit(2); }
  const specification = readFileSync(join(folder, readdirSync(folder).find(file => file.endsWith('.nuspec'))), 'utf8');
  const member = tag => { const found = new RegExp(`<${tag}(?: [^>]*)?>([^<]*)</${tag}>`).exec(specification); return found ? decoded(found[1]).trim() : ''; };
  const license = /<license type="expression">([^<]*)</.exec(specification)?.[1] ?? said[name];
  if (!license || !texts[license]) { console.error(`${name} ${version}: the license '${license}' has no text here; add it`); process.exit(2); }
  const copyright = member('copyright');
  const holder = /copyright|©|\(c\)/i.test(copyright) ? copyright : `Copyright (c) ${copyright || member('authors')}`;
  const own = readdirSync(folder).filter(file => /^(licen[cs]e|notice|third-?party-?notices)/i.test(file)).sort();
  // Notices of what a package carries do not say what it is under itself.
  const parts = [...(own.some(file => /^licen[cs]e/i.test(file)) ? [] : [texts[license](holder)]), ...own.map(file => clean(readFileSync(join(folder, file), 'utf8')))];
  const text = parts.join('\n\n');
  const line = `${name} ${version} (${license})${member('projectUrl') ? `\n  ${member('projectUrl')}` : ''}`;
  sections.set(text, [...(sections.get(text) ?? []), line]);
}

const rule = '='.repeat(120);
console.log(`Scanner for AWS carries these packages. Each is under its own license, whose text follows it. The list is that of
src/Scanner/packages.lock.json; node .ci/third-party.mjs writes it.

The self-contained program carries the .NET runtime too, whose license and notices are in the folder dotnet beside this file.
`);
for (const [text, lines] of sections) console.log(`${rule}\n${lines.join('\n')}\n${rule}\n\n${text}\n`);
