s=open('scripts/requirements.ts').read()
s=s.replace("allTests('passed')","allTests()")
s+="\nexport const page_ = (modules: Parameters<typeof rowsOf>[0][]): string => toPage(modules.flatMap(rowsOf))\n"
open('scripts/.req-tmp.ts','w').write(s)
open('scripts/.req-run.mjs','w').write("""import { writeFileSync } from 'node:fs'
import { createVitest } from 'vitest/node'
import { page_ } from './.req-tmp.ts'
const v = await createVitest('test', { watch: false })
const r = await v.collect([], { staticParse: false })
writeFileSync('/tmp/req.md', page_(r.testModules))
await v.close()
process.exit()
""")
