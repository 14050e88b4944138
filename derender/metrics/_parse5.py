"""Pages as the parser parse5 gives them: nested dicts, as its trees are written as JSON."""

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from ._dom import parsed

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

Json: TypeAlias = Any
"""What JSON has: dicts, lists, texts, numbers, booleans, None."""

_HTML = "http://www.w3.org/1999/xhtml"
_FOREIGN = {"svg": "http://www.w3.org/2000/svg", "math": "http://www.w3.org/1998/Math/MathML"}
_BACK_TO_HTML = frozenset({"foreignObject", "desc", "title", "mi", "mo", "mn", "ms", "mtext", "annotation-xml"})
_PREFIXES = {
    "xlink": "http://www.w3.org/1999/xlink",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "xmlns": "http://www.w3.org/2000/xmlns/",
}
_DOCTYPE = re.compile(
    r"""<!DOCTYPE\s*([^\s>]*)(?:\s+(PUBLIC|SYSTEM)\s*(["'])(.*?)\3(?:\s*(["'])(.*?)\5)?)?""", re.IGNORECASE | re.DOTALL
)


def parse5_tree(source: str) -> dict[str, Json]:
    """A page's tree, as parse5 gives it; every doctype with a public identifier is taken for one of quirks.

    Raises:
        Unscorable: the page is too long.
        Missing: the parser is absent.
    """
    root = parsed(source).root
    top: dict[str, Json] = {"nodeName": "#document", "mode": "quirks", "childNodes": []}
    document = root.parent if root is not None else None
    waiting = [(node, top, _HTML) for node in reversed(_children(document))] if document is not None else []
    while waiting:
        node, above, namespace = waiting.pop()
        made, below = _made(node, namespace, source)
        above["childNodes"].append(made)
        if made["nodeName"] == "#documentType":
            top["mode"] = "quirks" if made["publicId"] or made["name"] != "html" else "no-quirks"
        inner = made.get("content", made)
        waiting += [(child, inner, below) for child in reversed(_children(node))]
    return top


def _children(node: "LexborNode") -> "list[LexborNode]":
    if node.tag == "template" and node.is_element_node and (held := node.template_fragments()):
        # What a template holds hangs beside the tree.
        return [child for fragment in held for child in _row(fragment)]
    return _row(node)


def _row(node: "LexborNode") -> "list[LexborNode]":
    children, child = [], node.first_child
    while child is not None:
        children.append(child)
        child = child.next
    return children


def _made(node: "LexborNode", namespace: str, source: str) -> tuple[dict[str, Json], str]:
    """The node without its children, and the namespace these are in."""
    if node.is_text_node:
        return {"nodeName": "#text", "value": node.text_content or ""}, namespace
    if node.is_comment_node:
        # The parser's own accessor strips the text.
        return {"nodeName": "#comment", "data": (node.html or "<!---->")[4:-3]}, namespace
    if not node.is_element_node:
        return _doctype(source), namespace
    tag = node.tag or ""
    if namespace == _HTML:
        namespace = _FOREIGN.get(tag, _HTML)
    made: dict[str, Json] = {
        "nodeName": tag,
        "tagName": tag,
        "attrs": [_attribute(name, value or "", namespace) for name, value in node.attributes.items()],
        "namespaceURI": namespace,
        "childNodes": [],
    }
    if tag == "template" and namespace == _HTML:
        made["content"] = {"nodeName": "#document-fragment", "childNodes": []}
    return made, _HTML if tag in _BACK_TO_HTML else namespace


def _attribute(name: str, value: str, namespace: str) -> dict[str, str]:
    prefix, _, rest = name.partition(":")
    if namespace == _HTML or not rest or prefix not in _PREFIXES:
        return {"name": name, "value": value}
    return {"name": rest, "value": value, "prefix": prefix, "namespace": _PREFIXES[prefix]}


def _doctype(source: str) -> dict[str, Json]:
    # The parser keeps the name alone.
    found = _DOCTYPE.search(source)
    name, kind, first, second = found.group(1, 2, 4, 6) if found else ("", None, None, None)
    public, system = (first, second) if (kind or "").upper() == "PUBLIC" else ("", first)
    return {"nodeName": "#documentType", "name": name.lower(), "publicId": public or "", "systemId": system or ""}
