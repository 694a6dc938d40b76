// A name people can say for a digest: adjective-animal, the same on every machine. The number and the digest stay the identity.

/** 64 × 64 = 4096 names from the digest's first two bytes. Two releases may share one; the number beside it tells them apart. */
export function aliasOf(digest: string): string {
  const hex = digest.replace(/^sha256:/, '')
  const adjective = adjectives[Number.parseInt(hex.slice(0, 2), 16) % adjectives.length]
  const animal = animals[Number.parseInt(hex.slice(2, 4), 16) % animals.length]
  return `${adjective}-${animal}`
}

const adjectives =
  `able agile amber ample apt blue bold brave brief bright brisk calm candid civil clear clever
  cosy crisp deft eager early earnest even fair fine firm fleet fond frank free fresh gentle glad golden grand green
  happy hardy honest humble keen kind light lively loyal lucid merry mild neat noble olive patient plain proud quick
  quiet ready sage silver sound steady sunny tidy warm`.split(/\s+/)

const animals =
  `ant badger bat bear beaver bee bison boar camel cat cod crab crane crow deer dingo dolphin dove duck
  eagle eel egret elk falcon ferret finch fox frog gecko goat goose gull hare hawk heron horse ibis jackal jay koala
  lark lemur lion llama lynx magpie marten mole moose newt otter owl panda pike puffin quail raven robin seal stork
  swan tern tiger wren`.split(/\s+/)
