const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** First names common in France, by the generation they were given to. */
export const FIRST_NAMES: Readonly<
  Record<'F' | 'M', Readonly<Record<'young' | 'middle' | 'old', readonly string[]>>>
> = {
  F: {
    young: words(
      'Camille Léa Manon Chloé Emma Inès Sarah Lucie Océane Marie Laura Julie Anaïs Mathilde Pauline Clara Jade Louise Alice Zoé Lola Eva Jeanne Juliette Romane Maëlys Lina Noémie Yasmine Fatou',
    ),
    middle: words(
      'Céline Sandrine Stéphanie Virginie Aurélie Émilie Audrey Delphine Karine Séverine Sophie Nathalie Isabelle Valérie Christelle Laetitia Élodie Caroline Hélène Sabrina Nadia Samira Aïcha Vanessa Magali',
    ),
    old: words(
      'Monique Françoise Jacqueline Nicole Michèle Danielle Martine Chantal Annie Josiane Colette Simone Yvette Bernadette Geneviève Odile Denise Ginette Huguette Marie-Claude Anne-Marie',
    ),
  },
  M: {
    young: words(
      'Lucas Hugo Théo Enzo Nathan Thomas Léo Maxime Antoine Alexandre Clément Baptiste Quentin Romain Valentin Arthur Louis Jules Gabriel Adam Mehdi Yanis Noé Ethan Mathis Rayan Tom Paul Bilal',
    ),
    middle: words(
      'Sébastien Nicolas Julien Christophe Frédéric Stéphane Laurent David Olivier Jérôme Guillaume Cédric Vincent Ludovic Arnaud Fabrice Grégory Benoît Karim Farid Rachid Mickaël Anthony Damien Yann',
    ),
    old: words(
      'Jean Michel Pierre Jacques Daniel Bernard Gérard Alain Claude André Roger René Marcel Robert Georges Raymond Jean-Pierre Jean-Claude Christian Patrick Serge Guy Lucien Joël',
    ),
  },
};

export const LAST_NAMES = words(`
Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux David Bertrand Morel
Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier
Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier Masson Marchand
Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier
Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas
Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte López Jean Dupuy Guillot
Hubert Berger Carpentier Sanchez Dupuis Moulin Louis Deschamps Huet Vasseur Perez Boucher Fleury Royer Klein Jacquet Adam Paris
Poirier Marty Aubry Guyot Carré Charles Renault Charpentier Ménard Maillard Baron Bertin Bailly Hervé Schneider Fernandez Le-Gall
Collet Léger Bouvier Julien Prévost Millet Perrot Daniel Cousin Germain Breton Besson Langlois Rémy Le-Roux Pelletier Lévêque
Perrier Leblanc Barré Lebrun Marchal Weber Mallet Hamon Boulanger Jacob Monnier Michaud Rodriguez Guichard Gillet Étienne Grondin
Poulain Tessier Chevallier Collin Chauvin Da-Silva Bouchet Gay Lemaître Bénard Maréchal Humbert Reynaud Antoine Hoarau Perret
Barthélemy Cordier Pichon Lejeune Gilbert Lamy Delaunay Pasquier Carlier Laporte Benali Haddad Nguyen Traoré Diallo Belkacem
`).map((name) => name.replace(/^(Le|Da)-/, '$1 '));

/** Domains kept for documentation (RFC 2606): no mail could ever reach a real person. */
export const MAIL_DOMAINS: readonly (readonly [string, number])[] = [
  ['courriel.example', 38],
  ['boite.example', 27],
  ['messagerie.example', 18],
  ['poste-perso.example', 12],
  ['famille.example', 4.6],
  // The sandbox's mail server knows nobody there: what a real file always holds a little of.
  ['introuvable.example', 0.4],
];

/** Letters, digits and dots of a name as people put them in an address. */
export const asMailWord = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
