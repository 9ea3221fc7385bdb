// Names that a person can remember and say aloud, such as quiet-heron.

const qualities = (
  'amber bold brave bright brisk calm clear clever cosy crisp curious daring deft eager early easy fair fleet ' +
  'fond frank fresh gentle glad golden grand green happy hardy honest humble jolly keen kind late light lively ' +
  'lucky mellow merry mild misty neat nimble noble patient plain plucky proud quick quiet rapid ready rosy ' +
  'royal rustic sandy serene sharp shy silent silver sleek slow smart snowy solid spry steady still stout sunny ' +
  'swift tall tender tidy tiny trusty warm wary wide wild wise witty young'
).split(' ');

const animals = (
  'adder alpaca antelope badger bear beaver bison bittern bullfinch camel caribou cheetah condor coot crane ' +
  'cricket curlew deer dingo dolphin dove duck eagle egret elk falcon ferret finch fox gannet gazelle gecko ' +
  'goose grebe hare harrier hawk hedgehog heron hornet ibex ibis jackal jay kestrel kite lapwing lark lemur ' +
  'lizard llama lynx magpie marmot marten mole moose moth newt ocelot orca osprey otter owl panda pelican ' +
  'perch pigeon pika plover puffin puma quail rabbit raven robin salmon seal shrew sparrow stork swallow swan ' +
  'swift tapir teal tern thrush toad trout viper vole walrus weasel whale wolf wombat wren yak zebra'
).split(' ');

/** A name that none of `taken` has. `random` gives numbers in [0, 1). */
export function memorableName(taken: Iterable<string> = [], random: () => number = Math.random): string {
  const used = new Set(taken);
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)]!;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const name = `${pick(qualities)}-${pick(animals)}`;
    if (!used.has(name)) return name;
  }
  const base = `${pick(qualities)}-${pick(animals)}`;
  let number = 2;
  while (used.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
