// Examples, compiled as a project of a user's would be.

import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// compile makes 0.js, 1.js and so on of the texts, in a folder within the package, so that they find it by its name. It returns the
// folder; what is wrong with them is printed, and thrown.
export async function compile(name, texts) {
  const folder = fileURLToPath(new URL(`../made/${name}`, import.meta.url));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all(texts.map((text, i) => writeFile(path.join(folder, `${i}.ts`), text)));
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: {
      noEmit: false, declaration: false, declarationMap: false, sourceMap: false, rootDir: '.', outDir: '.',
      noPropertyAccessFromIndexSignature: false, noUnusedLocals: false,
    },
    include: ['*.ts'],
    exclude: [],
  }));
  const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  return folder;
}
