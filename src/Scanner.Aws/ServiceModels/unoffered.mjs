// Writes unoffered.json: in which regions of its partition AWS does not offer a service, by what botocore's endpoints.json lists.
//
//   node unoffered.mjs SOURCE [OUT]       (SOURCE: botocore/data)
//
// The list lags behind what AWS opens, so that it is never believed alone: the client calls a service not offered where the name of its
// endpoint does not resolve either. "*" is the whole partition. Services that botocore does not list at all are left out.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const [source, out = dirname(fileURLToPath(import.meta.url))] = process.argv.slice(2);
const read = path => JSON.parse(readFileSync(path, 'utf8'));
const models = readdirSync(out).filter(name => name.endsWith('.json')).map(name => read(join(out, name))).filter(model => model.metadata);
models.push(...readdirSync(join(out, 'Others')).map(name => JSON.parse(brotliDecompressSync(readFileSync(join(out, 'Others', name))))));
const prefixes = [...new Set(models.map(model => model.metadata.endpointPrefix))].sort();
const listed = read(join(source, 'endpoints.json')).partitions;
const partitions = {};
for (const { id, regions } of read(join(source, 'partitions.json')).partitions) {
  const services = listed.find(partition => partition.partition === id)?.services ?? {};
  const own = Object.keys(regions).filter(region => !region.includes('global')).sort();
  const entry = {};
  for (const prefix of prefixes) {
    if (!listed.some(partition => prefix in partition.services)) continue;
    const service = services[prefix];
    if (!service) entry[prefix] = '*';
    else if (service.isRegionalized !== false) {
      const missing = own.filter(region => !(region in (service.endpoints ?? {})));
      if (missing.length) entry[prefix] = missing.length === own.length ? '*' : missing;
    }
  }
  partitions[id] = entry;
}
const known = prefixes.filter(prefix => listed.some(partition => prefix in partition.services));
writeFileSync(join(out, 'unoffered.json'), JSON.stringify({ listed: known, partitions }, null, 1).replace(/\[\s+([^\]]*?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, ' ')}]`) + '\n');
