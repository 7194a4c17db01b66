//! A text that changes, as the whole content of an element.
//!
//! Browsers' translators and extensions move text nodes: into a `<font>` of theirs, into pieces, or out of the document.
//! Leptos keeps the node that it made and changes that one, wherever it is by then, so a translated page would go on
//! showing its old texts. The element around a text stays ours, so the text is set as the content of that element.
//!
//! Invariant: the text is the only child of its element.

use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::*,
    tachys::{
        hydration::Cursor,
        renderer::{
            Rndr,
            types::{Element, Node, Text},
        },
        view::{Mountable, Position, PositionState, add_attr::AddAnyAttr},
    },
    wasm_bindgen::JsCast,
};

/// A text as a view: all that its element contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextContent(pub(super) String);

/// A text that is in the document.
pub(super) struct ShownText {
    text: String,
    node: Text,
    /// The element around it, once there is one.
    element: Option<Element>,
}

impl Render for TextContent {
    type State = ShownText;

    fn build(self) -> ShownText {
        let node = Rndr::create_text_node(&self.0);
        ShownText { text: self.0, node, element: None }
    }

    fn rebuild(self, shown: &mut ShownText) {
        if self.0 == shown.text {
            return;
        }
        match &shown.element {
            Some(element) => {
                element.set_text_content(Some(&self.0));
                if let Some(node) = element.first_child().and_then(|node| node.dyn_into().ok()) {
                    shown.node = node;
                }
            }
            None => Rndr::set_text(&shown.node, &self.0),
        }
        shown.text = self.0;
    }
}

impl Mountable for ShownText {
    fn unmount(&mut self) {
        self.node.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        Rndr::insert_node(parent, self.node.as_ref(), marker);
        self.element = Some(parent.clone());
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.node.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        Vec::new()
    }
}

impl AddAnyAttr for TextContent {
    type Output<A: Attribute> = Self;

    /// A text has no attributes.
    fn add_any_attr<A: Attribute>(self, _: A) -> Self::Output<A> {
        self
    }
}

impl RenderHtml for TextContent {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        self.0.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> ShownText {
        // Finds the node that the server rendered, and stays at it.
        drop(self.0.as_str().hydrate::<FROM_SERVER>(cursor, position));
        let node: Text = cursor.current().unchecked_into();
        let element = node.parent_element();
        ShownText { text: self.0, node, element }
    }

    fn into_owned(self) -> Self {
        self
    }
}
