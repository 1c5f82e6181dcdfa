"""What a signatory swears to, in the words that are shown, kept with the dossier and printed."""

ATTESTS = (
    "que l'organisation est à jour de ses obligations administratives, comptables, sociales et fiscales",
    "que les renseignements de ce dossier sont exacts et sincères, et que toutes les autres"
    " demandes de financement public y figurent",
    "que la subvention, si elle est accordée, servira à l'action décrite et sera versée sur le"
    " compte bancaire de l'organisation",
)
# Décret n° 2021-1947.
COMMITS = (
    "respecter les lois de la République, la liberté de conscience, la liberté d'association,"
    " l'égalité et la non-discrimination, la fraternité et la prévention de la violence, la"
    " dignité de la personne, les symboles de la République"
)
