// How the recipe trains each parameter: adapters faster and decayed as a whole, of the rest only matrices (spec section 6).

/** `adapter` and `decayed` lose weight, `plain` does not. */
export type ParameterGroup = 'adapter' | 'decayed' | 'plain';

/** @param name of the state_dict. Biases, normalisations and scales outside the adapters are not decayed. */
export function parameterGroup(name: string): ParameterGroup {
  if (name.includes('.adapter.')) return 'adapter';
  const ofNorm = /(^|[._])(norm\d?|ln\d|fpn_norms\.\d+)\.weight$/.test(name);
  return name.endsWith('.weight') && !ofNorm ? 'decayed' : 'plain';
}
