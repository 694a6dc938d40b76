import { describe, expect, it } from 'vitest'
import { packagesOfPackageLock, packagesOfRequirements } from './lock-files.ts'
import { namedUuid } from './named-uuid.ts'

const hex = 'a'.repeat(64)

describe('packages of requirements.txt', () => {
  it('are those that are pinned exactly, by their package URLs', () => {
    const text = `# locked\n-r other.txt\nNumPy==2.1.0 \\\n    --hash=sha256:${hex}\nscikit_learn[all]==1.5.2 ; python_version > "3.9"\npandas>=2\nlocal @ file:///x\nodd==1.*\n`
    expect(packagesOfRequirements(text)).toEqual([
      {
        ...{ name: 'NumPy', version: '2.1.0', purl: 'pkg:pypi/numpy@2.1.0', excluded: false },
        hashes: [{ alg: 'SHA-256', content: hex }],
      },
      {
        ...{ name: 'scikit_learn', version: '1.5.2', purl: 'pkg:pypi/scikit-learn@1.5.2' },
        ...{ excluded: false, hashes: [] },
      },
    ])
  })

  it('have no hash when several files were allowed: nobody knows which was installed', () => {
    const text = `a==1 --hash=sha256:${hex} --hash=sha256:${'b'.repeat(64)}`
    expect(packagesOfRequirements(text)[0]?.hashes).toEqual([])
  })
})

describe('packages of package-lock.json', () => {
  it('are those installed, each once', () => {
    const integrity = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
    const packages = {
      '': { name: 'project', version: '1.0.0' },
      'node_modules/@scope/one': { version: '1.2.3', integrity },
      'node_modules/two/node_modules/@scope/one': { version: '1.2.3', dev: true },
      'node_modules/here': { link: true, version: '0.0.0' },
      'node_modules/test': { version: '9.0.0-rc.1+build', dev: true },
    }
    const found = packagesOfPackageLock(JSON.stringify({ lockfileVersion: 3, packages }))
    expect(found.map(({ purl, excluded }) => [purl, excluded])).toEqual([
      ['pkg:npm/%40scope/one@1.2.3', false],
      ['pkg:npm/test@9.0.0-rc.1%2Bbuild', true],
    ])
    expect(found[0]?.hashes).toEqual([{ alg: 'SHA-512', content: '01'.repeat(64) }])
  })

  it('are none of a text that is no lock file', () => {
    for (const text of ['', '[]', '{"packages":3}', 'null']) {
      expect(packagesOfPackageLock(text)).toEqual([])
    }
  })
})

describe('a named UUID', () => {
  it('is a version 5 UUID of RFC 9562 in the namespace for URLs', () => {
    // Python 3.11: uuid.uuid5(uuid.NAMESPACE_URL, 'lockstep:run_1')
    expect(namedUuid('lockstep:run_1')).toBe('3b3eea35-ca22-5846-aed5-0c3fcfb7a8ff')
  })
})
