//! A piece of a page as data. A painter turns it into elements with `createElement` and `textContent` alone, so that
//! nothing a hostile page wrote can become markup.

use serde::Serialize;

/// An element or a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Node {
    /// Text.
    Text(String),
    /// Element.
    Element(Element),
}

/// An element with its attributes and children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Element {
    /// Tag name; the painter knows which are allowed.
    pub tag: &'static str,
    /// Attributes in order.
    pub attrs: Vec<(&'static str, String)>,
    /// Children in order.
    pub kids: Vec<Node>,
}

/// An element without attributes or children.
#[must_use]
pub fn el(tag: &'static str) -> Element {
    Element { tag, attrs: Vec::new(), kids: Vec::new() }
}

impl Element {
    /// With one more attribute.
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attrs.push((name, value.into()));
        self
    }

    /// With the attribute `class`.
    #[must_use]
    pub fn class(self, value: impl Into<String>) -> Self {
        self.attr("class", value)
    }

    /// With one more child.
    #[must_use]
    pub fn kid(mut self, kid: impl Into<Node>) -> Self {
        self.kids.push(kid.into());
        self
    }

    /// With more children.
    #[must_use]
    pub fn kids<N: Into<Node>>(mut self, kids: impl IntoIterator<Item = N>) -> Self {
        self.kids.extend(kids.into_iter().map(Into::into));
        self
    }
}

impl From<Element> for Node {
    fn from(element: Element) -> Self {
        Self::Element(element)
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
