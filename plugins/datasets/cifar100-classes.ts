type Grouping = Record<string, string[]>;

/** The 20 superclasses of CIFAR-100 in the order of their labels, each with its 5 classes. */
const superclasses: Grouping = {
  'aquatic mammals': ['beaver', 'dolphin', 'otter', 'seal', 'whale'],
  fish: ['aquarium fish', 'flatfish', 'ray', 'shark', 'trout'],
  flowers: ['orchid', 'poppy', 'rose', 'sunflower', 'tulip'],
  'food containers': ['bottle', 'bowl', 'can', 'cup', 'plate'],
  'fruit and vegetables': ['apple', 'mushroom', 'orange', 'pear', 'sweet pepper'],
  'household electrical devices': ['clock', 'keyboard', 'lamp', 'telephone', 'television'],
  'household furniture': ['bed', 'chair', 'couch', 'table', 'wardrobe'],
  insects: ['bee', 'beetle', 'butterfly', 'caterpillar', 'cockroach'],
  'large carnivores': ['bear', 'leopard', 'lion', 'tiger', 'wolf'],
  'large man-made outdoor things': ['bridge', 'castle', 'house', 'road', 'skyscraper'],
  'large natural outdoor scenes': ['cloud', 'forest', 'mountain', 'plain', 'sea'],
  'large omnivores and herbivores': ['camel', 'cattle', 'chimpanzee', 'elephant', 'kangaroo'],
  'medium-sized mammals': ['fox', 'porcupine', 'possum', 'raccoon', 'skunk'],
  'non-insect invertebrates': ['crab', 'lobster', 'snail', 'spider', 'worm'],
  people: ['baby', 'boy', 'girl', 'man', 'woman'],
  reptiles: ['crocodile', 'dinosaur', 'lizard', 'snake', 'turtle'],
  'small mammals': ['hamster', 'mouse', 'rabbit', 'shrew', 'squirrel'],
  trees: ['maple tree', 'oak tree', 'palm tree', 'pine tree', 'willow tree'],
  'vehicles 1': ['bicycle', 'bus', 'motorcycle', 'pickup truck', 'train'],
  'vehicles 2': ['lawn mower', 'rocket', 'streetcar', 'tank', 'tractor'],
};

/** The 100 classes in the order of their labels, which is alphabetical. */
export const classes = Object.values(superclasses).flat().sort();

/** The 10 groups of superclasses that Liu, Davison and Johns (NeurIPS 2019, appendix A) put above them. */
const groups: Grouping = {
  'large animals': ['large carnivores', 'large omnivores and herbivores', 'reptiles'],
  'medium animals': ['aquatic mammals', 'medium-sized mammals'],
  'small animals': ['fish', 'small mammals'],
  invertebrates: ['insects', 'non-insect invertebrates'],
  people: ['people'],
  vegetation: ['flowers', 'fruit and vegetables', 'trees'],
  'household objects': ['food containers', 'household electrical devices', 'household furniture'],
  construction: ['large man-made outdoor things'],
  'natural scenes': ['large natural outdoor scenes'],
  vehicles: ['vehicles 1', 'vehicles 2'],
};

/** The 3 domains that they put above the groups. */
const domains: Grouping = {
  animals: ['large animals', 'medium animals', 'small animals', 'invertebrates', 'people'],
  vegetation: ['vegetation'],
  'objects and scenes': ['household objects', 'construction', 'natural scenes', 'vehicles'],
};

/** `coarse`, with the classes that its members in `finer` have. */
const spread = (coarse: Grouping, finer: Grouping): Grouping =>
  Object.fromEntries(
    Object.entries(coarse).map(([name, members]) => [name, members.flatMap((member) => finer[member]!)]),
  );

const groupsOfClasses = spread(groups, superclasses);

/** The coarser levels, each as groups of the 100 classes. */
export const groupings = {
  domain: spread(domains, groupsOfClasses),
  group: groupsOfClasses,
  superclass: superclasses,
};
