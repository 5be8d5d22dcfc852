"""The compiler of shapes, broken on purpose: whatever is broken, a case of SHACL Core is judged otherwise than by pySHACL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pyoxigraph import Store
from rdflib import Graph

import kg
from kg.core import report_of, whole_graph
from tests.suite import Case, in_any_order, results
from tests.test_core import CASES

COMPILER = ("lookup", "regexes", "conditions", "searches", "compiled", "candidates", "core")
Judge = Callable[[Graph, Store], Iterator[Graph]]
BREAKS: list[tuple[str, str, str, str]] = [
    ("regexes", 'if flags not in ("", "i"):', 'if flags not in ("", "i", "x"):', "blanks-in-a-pattern-and-dots-for-ends-of-lines"),
    ("regexes", '[.\\\\/+*?()|\\[\\]{}^$-]"', '[.\\\\/+*?()|\\[\\]{}^$S-]"', "what-is-blank-to-one-engine-only"),
    ("conditions", '"^-?[0-9]{1,15}$"', '"^-?[0-9]{1,15}"', "nearly-of-their-datatype"),
    ("conditions", '"^-?[0-9]{1,15}$"', '"-?[0-9]{1,15}$"', "nearly-of-their-datatype"),
    ("conditions", '([.][0-9]{1,15})?$"', '([.][0-9]{1,15})?"', "nearly-of-their-datatype"),
    ("conditions", "&& YEAR(?_) > 0", "", "none-of-their-datatype"),
    ("conditions", 'SH.IRI: "isIRI(?_)"', 'SH.IRI: "!isBlank(?_)"', "all-kinds-of-values"),
    ("conditions", 'f"STR({value}) = {text(str(node))} && DATATYPE', 'f"STR({value}) = {text(str(node))} || DATATYPE', "one-of-the-values"),
    ("conditions", ' && LANG({value}) = {text(language)}"', '"', "a-term-is-listed-as-it-is-written"),
    (
        "conditions",
        'f"DATATYPE({value}) = {iri(datatype)} && {_about(value, _FORMS.get(datatype, NEVER))}"',
        'f"DATATYPE({value}) = {iri(datatype)}"',
        "none-of-their-datatype",
    ),
    (
        "conditions",
        'return f"REGEX(STR({value}), {text(str(pattern))},',
        "return f\"REGEX(STR({value}), {text(str(pattern).strip('^$'))},",
        "from-the-first-character-to-the-last",
    ),
    ("conditions", 'SH.minLength: _length(">="),', 'SH.minLength: _length("<="),', "values-of-at-least-three-characters"),
    (
        "conditions",
        'STRLEN(STR({value})) {sign} {whole(length)}"',
        'STRLEN(STR({value})) {sign} {whole(length)} + 1"',
        "values-of-at-most-three-characters",
    ),
    ("conditions", 'SH.minExclusive: _range(">"),', 'SH.minExclusive: _range(">="),', "values-above-two"),
    ("conditions", 'SH.maxExclusive: _range("<"),', 'SH.maxExclusive: _range("<="),', "days-and-fractions-within-bounds"),
    (
        "conditions",
        'STRBEFORE(CONCAT(LCASE(LANG({value})), "-"), "-") IN',
        "SUBSTR(LCASE(LANG({value})), 1, 2) IN",
        "a-range-is-no-mere-beginning",
    ),
    ("conditions", "return f'LANG({value}) != \"\" && {found}' if", "return f'LANG({value}) != \"\"' if", "a-range-is-no-mere-beginning"),
    ("searches", '"!COALESCE({test}, false)" for', '"COALESCE({test}, false)" for', "a-focus-node-of-a-datatype"),
    ("searches", '"!COALESCE({test}, false)" for', '"!({test})" for', "a-focus-node-of-a-datatype"),
    ("searches", 'wrong = " || ".join', 'wrong = " && ".join', "values-of-at-most-three-characters"),
    ("searches", "if p in CONDITIONS for each", "if p in CONDITIONS and p != SH.pattern for each", "focus-nodes-like-a-number-of-a-bed"),
    ("searches", "if flag(shapes, shape, SH.deactivated):", "if not flag(shapes, shape, SH.deactivated):", "of-a-class-or-of-one-below"),
    (
        "searches",
        'raise NotCompiledError("the values of a property have to conform to a shape of their own")',
        "pass",
        "a-property-of-a-value",
    ),
    ("searches", 'raise NotCompiledError(f"there is no query for sh:{predicate.removeprefix(_SH)}")', "pass", "every-member-has-to-hold"),
    ("searches", 'raise NotCompiledError("a shape without a path counts or compares values")', "pass", "no-value-may-be-the-focus-node"),
    ("searches", "found.extend(searches(shapes, each, data))", "pass", "a-value-of-a-class-or-of-one-below"),
    ("searches", "yield path, backwards", "yield path, not backwards", "classes-far-below-and-in-a-circle"),
    ("searches", "not backwards, depth - 1)", "backwards, depth - 1)", "two-or-three-by-either-way"),
    (
        "searches",
        "for each in listed(shapes, alternatives[0]):",
        "for each in listed(shapes, alternatives[0])[:1]:",
        "two-or-three-by-either-way",
    ),
    ("searches", '" } UNION { ".join', '" ".join', "an-inverse-of-alternatives-of-an-inverse"),
    (
        "searches",
        "FILTER NOT EXISTS {{ {value} a {kind}",
        "FILTER EXISTS {{ {value} a {kind}",
        "a-literal-and-a-blank-node-for-focus-nodes",
    ),
    ("searches", 'f"FILTER(!{fits})"', 'f"FILTER({fits})"', "a-blank-node-is-no-text"),
    ("searches", '"?value", f"FILTER({fits})"', '"?value"', "one-of-the-values"),
    (
        "searches",
        "f\"COALESCE({same('?value' if reach else value, wanted)}, false)\"",
        "f\"({same('?value' if reach else value, wanted)})\"",
        "a-blank-node-is-no-text",
    ),
    ("searches", "FILTER(?property NOT IN", "FILTER(?property IN", "only-what-is-not-named"),
    (
        "searches",
        "for p in shapes.objects(each, SH.path) if isinstance(p, URIRef)}",
        "for p in shapes.objects(each, SH.path) for p, _ in _ways(shapes, p)}",
        "a-path-that-is-no-property-names-none",
    ),
    ("searches", '{distinct} < {least}"', '{distinct} < {least} - 1"', "two-or-three-by-either-way"),
    ("searches", '{distinct} > {most}"', '{distinct} > {most} + 1"', "two-or-three-by-either-way"),
    ("searches", "HAVING(COUNT(*) > 1)", "HAVING(COUNT(*) > 2)", "equal-numbers-are-two-values"),
    ("searches", 'f"OPTIONAL {{ {values} }}"', "values", "two-or-three-by-either-way"),
    ("searches", "LCASE(LANG(?value)) = LCASE(LANG(?other))", "LANG(?value) != LANG(?other)", "one-language-in-capitals-and-small-letters"),
    ("searches", "yield Search(f\"{second.to('?value')} {path.without('?value')}\")", "pass", "the-same-values-found-by-type"),
    ("searches", "yield Search(f\"{values} {second.without('?value')}\", alone=True)", "pass", "the-same-values-found-by-type"),
    (
        "searches",
        'yield Search(f"{values} ?this {iri(p)} ?value .", alone=True)',
        'yield Search(f"{values} ?value {iri(p)} ?this .", alone=True)',
        "two-properties-share-no-value",
    ),
    ("searches", '(("<", SH.lessThan),', '(("<=", SH.lessThan),', "days-found-by-type"),
    ("compiled", "for each in data.below(class_of(cls)) if", "for each in (class_of(cls),) if", "classes-far-below-and-in-a-circle"),
    ("compiled", "classes.append(shape)", "pass", "values-of-two-datatypes"),
    (
        "compiled",
        "if not class_kinds(shapes).isdisjoint(shapes.types(shape)):",
        "if True:",
        "instances-of-a-shape-that-is-no-class-are-no-targets",
    ),
    ("compiled", 'f"?target {iri(p)} ?this ."', 'f"?this {iri(p)} ?target ."', "objects-of-a-property"),
    (
        "compiled",
        "for p in shapes.objects(shape, SH.targetSubjectsOf)]",
        "for p in shapes.objects(shape, SH.targetSubjectsOf)[1:]]",
        "a-path-that-is-no-property-names-none",
    ),
    (
        "compiled",
        "nodes = tuple(shapes.objects(shape, SH.targetNode)) if found else ()",
        "nodes = ()",
        "a-value-of-a-class-or-of-one-below",
    ),
    ("compiled", "*shapes.subjects(RDFS.subClassOf, RDFS.Class)})", "})", "a-class-of-classes-of-its-own"),
    (
        "compiled",
        'raise NotCompiledError("the shapes bring constraint components of their own")',
        "pass",
        "a-constraint-component-of-their-own",
    ),
    ("candidates", "waiting.append(quad.subject)", "pass", "classes-far-below-and-in-a-circle"),
    (
        "candidates",
        'raise NotCompiledError(f"a class below {cls} has no IRI")',
        "found = tuple(each for each in found if isinstance(each, pyoxigraph.NamedNode))",
        "a-class-below-without-an-iri",
    ),
    ("candidates", "for shape in plan.compiled for node in shape.nodes", "for shape in () for node in ()", "of-a-class-or-of-one-below"),
    ("candidates", "use_default_graph_as_union=True", "use_default_graph_as_union=False", "a-literal-and-a-blank-node-for-focus-nodes"),
    ("candidates", "return set() if nodes == [] else", "return set() if nodes is not None else", "values-of-at-most-three-characters"),
    ("candidates", "any(isinstance(node, pyoxigraph.BlankNode) for node in nodes)", "False", "a-node-without-a-name-has-too-many"),
    ("candidates", "first.get(query.first) if", 'first.get(query.first or "", []) if', "one-of-the-values"),
    ("candidates", "if p not in TARGETS and not (p == RDF.type and o in kinds):", "if True:", "two-or-three-by-either-way"),
    ("candidates", "                waiting.append(o)\n", "                pass\n", "a-value-of-a-class-or-of-one-below"),
    ("candidates", "for p in sorted(compiled.towards):", "for p in ():", "two-or-three-by-either-way"),
    (
        "candidates",
        "store.quads_for_pattern(None, None, node, None), 1)",
        "store.quads_for_pattern(None, None, node, None), 0)",
        "blank-nodes-by-every-target",
    ),
    ("candidates", "neighbours[quad.object] = None", "pass", "a-value-of-a-class-or-of-one-below"),
    ("candidates", "neighbours[quad.subject] = None", "pass", "backwards-to-what-is-of-a-class"),
    (
        "candidates",
        "yield from _written_out(store, [each for each in neighbours if isinstance(each, pyoxigraph.BlankNode)])",
        "pass",
        "blank-nodes-by-every-target",
    ),
    ("candidates", "                nodes.append(quad.object)\n", "                pass\n", "blank-nodes-by-every-target"),
    ("candidates", "yield from _classes(store, neighbours)", "pass", "of-a-class-or-of-one-below"),
    ("candidates", "                waiting.append(quad.object)\n", "                pass\n", "classes-far-below-and-in-a-circle"),
    (
        "candidates",
        "return pyoxigraph.Literal(str(node), language=node.language)",
        "return pyoxigraph.Literal(str(node))",
        "literals-by-every-target",
    ),
    ("core", "[found[start : start + _BATCH] for", "[found[start + 1 : start + _BATCH] for", "a-literal-and-a-blank-node-for-focus-nodes"),
    ("core", "in batches[start : start", "in batches[start + 1 : start", "a-literal-and-a-blank-node-for-focus-nodes"),
    ("core", "if plan.whole:", "if not plan.compiled:", "a-value-has-to-conform-to-a-shape-of-its-own"),
    (
        "core",
        "if s not in judged or not (p in TARGETS or (p == RDF.type and o in kinds)):",
        "if s not in judged or p not in TARGETS:",
        "a-class-that-is-a-shape-beside-a-shape-that-is-not-compiled",
    ),
    (
        "core",
        "if s not in judged or not (p in TARGETS or (p == RDF.type and o in kinds)):",
        "if True:",
        "a-compiled-shape-beside-one-that-is-not",
    ),
    ("core", "allow_warnings=True, ", "allow_warnings=False, abort_on_first=True, ", "all-kinds-of-values"),
]


def test_enough_is_broken() -> None:
    """Every module of the compiler is broken but the one that only looks up, seventy ways and more, none of them twice."""
    assert len({(module, old, new) for module, old, new, _ in BREAKS}) == len(BREAKS) > 70
    assert {module for module, *_ in BREAKS} == set(COMPILER) - {"lookup"}


@pytest.mark.parametrize(("module", "old", "new", "case"), BREAKS, ids=[f"{module}: {new[:60]}" for module, _, new, _ in BREAKS])
def test_what_is_broken_is_seen(module: str, old: str, new: str, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the one text in place of the other, the case ends otherwise than over the whole graph, or does not end well."""
    judge = _broken(module, old, new, monkeypatch)
    (found,) = (each for each in CASES if each.name == case)
    both = (found, found.sought())
    assert any(_verdict(judge, each) != in_any_order(results([report_of(whole_graph(each.store()), each.graph)])) for each in both)


def test_what_is_not_broken_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler that is made afresh in the same way, but whole, gives the verdicts of pySHACL: the cases see the breaks alone."""
    judge = _broken("none of them", "", "", monkeypatch)
    for case in (both for each in CASES if each.name in {name for *_, name in BREAKS} for both in (each, each.sought())):
        assert _verdict(judge, case) == in_any_order(results([report_of(whole_graph(case.store()), case.graph)])), case.name


def _broken(module: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """The judge of a compiler in which one text stands for another; each of its modules is made afresh, none stays behind."""
    for name in COMPILER:
        path = Path(kg.__file__).with_name(f"{name}.py")
        source = path.read_text(encoding="utf-8")
        if name == module:
            assert source.count(old) == 1, "the text to be broken is there, once"
            source = source.replace(old, new)
        fresh = ModuleType(f"kg.{name}")
        monkeypatch.setitem(sys.modules, fresh.__name__, fresh)
        exec(compile(source, path, "exec"), fresh.__dict__)  # noqa: S102 (the project's own text)
    judge: Judge = sys.modules["kg.core"].reports
    return judge


def _verdict(judge: Judge, case: Case) -> object:
    """What is reported, or that nothing is: a judge that is broken may end in anything."""
    try:
        return in_any_order(results(judge(case.graph, case.store())))
    except Exception:
        return None
