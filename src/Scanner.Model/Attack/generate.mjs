// Writes tactics.tsv, techniques.tsv and revoked.tsv beside this file from MITRE's STIX bundle of the Enterprise matrix:
//   node generate.mjs enterprise-attack.json
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [, , bundle, folder = dirname(fileURLToPath(import.meta.url))] = process.argv;
if (!bundle) {
  console.error('usage: node generate.mjs enterprise-attack.json [FOLDER]');
  process.exit(2);
}
const { objects } = JSON.parse(readFileSync(bundle, 'utf8'));
const byId = new Map(objects.map(o => [o.id, o]));
const idOf = o => o.external_references?.find(r => r.source_name.startsWith('mitre-') && /^TA?\d/.test(r.external_id))?.external_id;
const heir = new Map(objects.filter(o => o.relationship_type === 'revoked-by').map(o => [o.source_ref, o.target_ref]));
const living = o => !o.revoked && !o.x_mitre_deprecated;

const matrix = objects.find(o => o.type === 'x-mitre-matrix' && living(o));
const tactics = matrix.tactic_refs.map(ref => byId.get(ref));
const order = tactics.map(t => t.x_mitre_shortname);
const patterns = objects.filter(o => o.type === 'attack-pattern');
const techniques = patterns.filter(living).map(o => [idOf(o), o.name,
  o.kill_chain_phases.map(p => p.phase_name).sort((a, b) => order.indexOf(a) - order.indexOf(b)).join(',')]);
const revoked = patterns.filter(o => o.revoked).map(o => {
  let now = o;
  for (let hops = 0; now?.revoked && hops < 10; hops++)
    now = byId.get(heir.get(now.id));
  return now && living(now) ? [idOf(o), idOf(now)] : null;
}).filter(pair => pair && pair[0] !== pair[1]);

const write = (name, rows, sorted = true) => {
  const lines = [...new Set(rows.map(row => row.join('\t')))];
  writeFileSync(join(folder, name), (sorted ? lines.sort() : lines).join('\n') + '\n');
  console.log(`${name}: ${lines.length}`);
};
write('tactics.tsv', tactics.map(t => [idOf(t), t.x_mitre_shortname, t.name]), false);
write('techniques.tsv', techniques);
write('revoked.tsv', revoked);
