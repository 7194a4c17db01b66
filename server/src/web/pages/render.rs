//! Rendering: from a view and a request to the HTML response.

use crate::web::{
    State, assets::Assets, cookies::Kind, errors::WebError, extract::ClientAddress, headers::page_policy, origin,
    workshop::Place as Turn,
};
use app::ui::{PageUrl, Theme};
use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use std::convert::Infallible;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::{CompressionLevel, compression::CompressionLayer};

/// Quality of the compression. A full room of 64 kB has 9.6 kB with brotli at 1 and takes a third of the time that it
/// takes at 4, where it has 8.5 kB.
const QUALITY: CompressionLevel = CompressionLevel::Precise(1);

/// Renders the page that answers one request.
#[derive(Debug)]
pub(in crate::web) struct Renderer {
    pub(in crate::web) state: State,
    /// The request without its body.
    pub(in crate::web) request: Parts,
    pub(in crate::web) address: ClientAddress,
}

impl FromRequestParts<State> for Renderer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let address = ClientAddress::from_request_parts(parts, state).await?;
        Ok(Self { state: state.clone(), request: parts.clone(), address })
    }
}

impl Renderer {
    /// Returns the arguments that every page's component takes.
    pub(super) fn frame(&self) -> (LeptosOptions, Option<Theme>) {
        let theme = self.cookie(Kind::Theme).and_then(|theme| Theme::parse(&theme));
        (self.state.options.clone(), theme)
    }

    pub(in crate::web) fn cookie(&self, kind: Kind) -> Option<String> {
        self.state.cookies.get(kind, &self.request.headers)
    }

    /// Waits for a turn in the workshop, in which a page is gathered and rendered.
    ///
    /// # Errors
    /// Returns [`WebError::Busy`] if no turn comes in time.
    pub(in crate::web) async fn turn(&self) -> Result<Turn, WebError> {
        Ok(self.state.workshop.place(self.address).await?)
    }

    /// Renders a page with its content security policy, and compresses it. A page is one person's view at one time, so
    /// no cache may store it.
    pub(in crate::web) async fn render<View: IntoView + 'static>(
        self,
        turn: Turn,
        status: StatusCode,
        page: impl Fn() -> View + Clone + Send + Sync + 'static,
    ) -> Response {
        let Self { state, request, .. } = self;
        let origin = origin::found_at(&request.headers, state.public_url.as_deref());
        let url = origin.map(|origin| PageUrl { origin, path: request.uri.path().to_owned() });
        let context = move || {
            provide_context(Assets::parts());
            if let Some(url) = url.clone() {
                provide_context(url);
            }
            let options = expect_context::<ResponseOptions>();
            options.set_status(status);
            let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
            if let Ok(policy) = page_policy(&nonce).parse() {
                options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
            }
            options.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        };
        let rendered = service_fn(move |request| {
            let page = render_app_async_with_context(context.clone(), page.clone())(request);
            async move { Ok::<_, Infallible>(page.await) }
        });
        let request = Request::from_parts(request, Body::empty());
        let rendered = CompressionLayer::new().quality(QUALITY).layer(rendered).oneshot(request);
        let response = async { rendered.await.unwrap_or_else(|never| match never {}).map(Body::new) };
        state.workshop.make(turn, response).await
    }
}
