// Makes names for runs that a person can remember and say aloud, for example `quiet-heron`.

const qualities =
  'amber brisk calm clear crisp dapper deft eager early fabled fair fleet gentle glad golden hardy keen kind late light lively lucid mellow merry mild nimble noble patient plain proud quick quiet rapid rare ready royal sage serene sharp silver sleek steady still sunny swift tidy vivid warm wise'.split(
    ' ',
  );
const animals =
  'adder auk badger bittern bream curlew dace dipper dunlin egret ermine falcon finch gannet grebe hare harrier heron hobby ibis jackdaw kestrel kite lapwing lark linnet lynx marten merlin moth newt nuthatch osprey otter ouzel owl petrel pipit plover rail raven robin sable shrike siskin skua stoat swift tern vole wagtail wren'.split(
    ' ',
  );

function pick(words: readonly string[], random: number): string {
  return words[Math.floor(random * words.length)] ?? words[0]!;
}

/** A name that is not in `taken`, tried a few times and numbered after that. */
export function makeRunName(taken: ReadonlySet<string>, random: () => number = Math.random): string {
  let name = '';
  for (let attempt = 0; attempt < 8; attempt++) {
    name = `${pick(qualities, random())}-${pick(animals, random())}`;
    if (!taken.has(name)) return name;
  }
  let number = 2;
  while (taken.has(`${name}-${number}`)) number++;
  return `${name}-${number}`;
}
