"""Named constants for the few IRIs that the code itself has to know; no kind of fact is among them."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

RF: Final = "https://w3id.org/rarefacts/vocab#"
SHAPES: Final = "https://w3id.org/rarefacts/shapes#"
ONTOLOGY_GRAPH: Final = NamedNode("https://w3id.org/rarefacts/vocab")
PREFIXES: Final = NamedNode("https://w3id.org/rarefacts/prefixes")

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_SH = "http://www.w3.org/ns/shacl#"
_DCTERMS = "http://purl.org/dc/terms/"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

RDF_TYPE: Final = NamedNode(_RDF + "type")
RDF_SUBJECT: Final = NamedNode(_RDF + "subject")
RDF_PREDICATE: Final = NamedNode(_RDF + "predicate")
RDF_OBJECT: Final = NamedNode(_RDF + "object")
RDF_LANG_STRING: Final = NamedNode(_RDF + "langString")
RDFS_LABEL: Final = NamedNode(_RDFS + "label")
RDFS_RANGE: Final = NamedNode(_RDFS + "range")
RDFS_RESOURCE: Final = NamedNode(_RDFS + "Resource")
RDFS_COMMENT: Final = NamedNode(_RDFS + "comment")
RDFS_SUBCLASS_OF: Final = NamedNode(_RDFS + "subClassOf")
OWL_DEPRECATED: Final = NamedNode(_OWL + "deprecated")
OWL_ONTOLOGY: Final = NamedNode(_OWL + "Ontology")
OWL_VERSION_INFO: Final = NamedNode(_OWL + "versionInfo")
SKOS_EXACT_MATCH: Final = NamedNode("http://www.w3.org/2004/02/skos/core#exactMatch")
SKOS_DEFINITION: Final = NamedNode("http://www.w3.org/2004/02/skos/core#definition")
TITLE: Final = NamedNode(_DCTERMS + "title")
DESCRIPTION: Final = NamedNode(_DCTERMS + "description")
PUBLISHER: Final = NamedNode(_DCTERMS + "publisher")
LICENSE: Final = NamedNode(_DCTERMS + "license")
CITED: Final = NamedNode(_DCTERMS + "source")
PART_OF: Final = NamedNode(_DCTERMS + "isPartOf")
REPLACED_BY: Final = NamedNode(_DCTERMS + "isReplacedBy")
PAGE: Final = NamedNode("http://xmlns.com/foaf/0.1/page")
MODIFIED: Final = NamedNode(_DCTERMS + "modified")
DCTERMS_TYPE: Final = NamedNode(_DCTERMS + "type")
ISSUED: Final = NamedNode(_DCTERMS + "issued")
LANGUAGE: Final = NamedNode(_DCTERMS + "language")
PREVIOUS_VERSION: Final = NamedNode("http://www.w3.org/ns/dcat#previousVersion")
VERSION: Final = NamedNode("http://www.w3.org/ns/dcat#version")
XSD_STRING: Final = NamedNode(XSD + "string")
XSD_INTEGER: Final = NamedNode(XSD + "integer")
XSD_BOOLEAN: Final = NamedNode(XSD + "boolean")
XSD_DECIMAL: Final = NamedNode(XSD + "decimal")

DATASET: Final = NamedNode("http://www.w3.org/ns/dcat#Dataset")
DISEASE: Final = NamedNode(RF + "Disease")
FACT: Final = NamedNode(RF + "Fact")
EVIDENCE_LINE: Final = NamedNode(RF + "EvidenceLine")
SOURCE_CLASS: Final = NamedNode(RF + "Source")
WAIVER: Final = NamedNode(RF + "Waiver")
IMPORT: Final = NamedNode(RF + "Import")
GRAPH_CHECKSUM: Final = NamedNode(RF + "graphChecksum")
FACTS_WRITTEN: Final = NamedNode(RF + "factsWritten")
CHECKING_ONLY: Final = NamedNode(RF + "forCheckingOnly")
TOMBSTONE: Final = NamedNode(RF + "Tombstone")
TERM_CLASS: Final = NamedNode(RF + "Term")

EVIDENCE: Final = NamedNode(RF + "evidence")
SOURCE: Final = NamedNode(RF + "source")
VIA: Final = NamedNode(RF + "via")
LOCATOR: Final = NamedNode(RF + "locator")
DIRECTION: Final = NamedNode(RF + "direction")
DISPUTES: Final = NamedNode(RF + "disputes")
NEGATED: Final = NamedNode(RF + "negated")
STATUS: Final = NamedNode(RF + "status")
ACCEPTED: Final = NamedNode(RF + "accepted")
REASON: Final = NamedNode(RF + "reason")
CONSIDER: Final = NamedNode(RF + "consider")
IDENTIFIER: Final = NamedNode(RF + "identifier")
SUPPORTS: Final = NamedNode(RF + "supports")
CHECKED: Final = NamedNode(RF + "checked")
CURATOR: Final = NamedNode(RF + "curator")
WITHDRAWN_ON: Final = NamedNode(RF + "withdrawnOn")
ARTICLE: Final = NamedNode(RF + "article")
DATA: Final = NamedNode(RF + "data")
BASE: Final = NamedNode(RF + "base")
ENTITY: Final = NamedNode(RF + "entity")
RULE: Final = NamedNode(RF + "rule")

RECORD_KEY: Final = NamedNode(RF + "recordKey")
RECORD_PATH: Final = NamedNode(RF + "recordPath")
OBJECT_KEY: Final = NamedNode(RF + "objectKey")
OBJECT_RANGE: Final = NamedNode(RF + "objectRange")
PREDICATE_KEY: Final = NamedNode(RF + "predicateKey")
DEFAULT_PREDICATE: Final = NamedNode(RF + "defaultPredicate")
PREDICATE_OF: Final = NamedNode(RF + "predicateOf")
TERM: Final = NamedNode(RF + "term")
MULTIPLE: Final = NamedNode(RF + "multiple")
PATTERN: Final = NamedNode(RF + "pattern")
ACCESSION_RANK: Final = NamedNode(RF + "accessionRank")
DECIDES_IDENTITY: Final = NamedNode(RF + "decidesIdentity")
YIELDS_TO: Final = NamedNode(RF + "yieldsTo")
PREFIX_ALIAS: Final = NamedNode(RF + "prefixAlias")
NAMESPACE_ALIAS: Final = NamedNode(RF + "namespaceAlias")

DISPLAY_ORDER: Final = NamedNode(RF + "displayOrder")
HEADING: Final = NamedNode(RF + "heading")
VIEWER: Final = NamedNode(RF + "viewer")
RESTRICTIVE_QUALIFIER: Final = NamedNode(RF + "RestrictiveQualifier")
SHOWN_IN: Final = NamedNode(RF + "shownIn")
COMPARED_BY: Final = NamedNode(RF + "comparedBy")
NEVER_WAIVED: Final = NamedNode(RF + "neverWaived")
SORTED_BY: Final = NamedNode(RF + "sortedBy")
QUANTITY: Final = NamedNode(RF + "quantity")

SH_PREFIX: Final = NamedNode(_SH + "prefix")
SH_NAMESPACE: Final = NamedNode(_SH + "namespace")


def local_name(iri: str) -> str:
    """What follows the last ``#`` or ``/`` of an IRI: ``ivig`` of ``…/disease/MONDO_0010626#ivig``."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]
