//! What a guard on a module, and `#[protected]`, cannot see: handlers that are no `async fn`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{
    AttrStyle, Attribute, Block, Expr, Generics, ImplItem, Item, ItemConst, ItemStatic, ItemUse,
    Macro, Path, ReturnType, Signature, Stmt, TraitItem, Type, UseTree, Visibility,
};

use crate::error::Errors;
use crate::guard::handler::guard_name;
use crate::guard::{says_who, sentences};
use crate::krate;

/// Looks for handlers beside those that are `async fn`.
pub(crate) struct Unseen<'a> {
    /// The attribute that looks.
    pub(crate) attribute: &'static str,
    pub(crate) runtime: &'a Path,
    /// Says that private ones are handlers too.
    pub(crate) private: bool,
    /// Constants that do not compile where a type is a future, which only the compiler knows.
    pub(crate) checks: Vec<TokenStream>,
}

/// What the block or the trait around an item says of it.
#[derive(Default)]
pub(crate) struct Around<'a> {
    attrs: &'a [Attribute],
    /// The types and the constants that are generic.
    generics: Vec<String>,
}

impl<'a> Around<'a> {
    pub(crate) fn of(attrs: &'a [Attribute], generics: &Generics) -> Self {
        let generics = self::generics(generics);
        Self { attrs, generics }
    }
}

impl Unseen<'_> {
    /// Looks at an item of a module that is no function with `async`, no module and no block. `modules`
    /// are the names of the modules beside it.
    pub(crate) fn in_item(&mut self, item: &mut Item, modules: &[String], errors: &mut Errors) {
        let alone = Around::default();
        match item {
            Item::Fn(it) => {
                self.function(&it.attrs, &it.vis, &it.sig, &alone, errors);
                self.inner(&it.attrs, &it.block, errors);
            }
            Item::Const(ItemConst {
                attrs,
                vis,
                ident,
                ty,
                expr,
                ..
            })
            | Item::Static(ItemStatic {
                attrs,
                vis,
                ident,
                ty,
                expr,
                ..
            }) => {
                let is_seen = self.sees(vis);
                self.value(attrs, is_seen, ident, (ty, expr), &alone, errors);
                if let Expr::Block(it) = &**expr {
                    self.inner(attrs, &it.block, errors);
                }
            }
            Item::Macro(it) if it.ident.is_none() => self.called(&it.attrs, &it.mac, errors),
            Item::Use(it) => self.imported(it, modules, errors),
            Item::Trait(it) => {
                let is_seen = self.sees(&it.vis);
                let around = Around::of(&it.attrs, &it.generics);
                for item in &mut it.items {
                    let method = match item {
                        TraitItem::Fn(method) => method,
                        TraitItem::Const(it) => {
                            if let Some((_, value)) = &it.default {
                                let value = (&it.ty, value);
                                self.value(&it.attrs, is_seen, &it.ident, value, &around, errors);
                            }
                            continue;
                        }
                        TraitItem::Macro(it) => {
                            self.called(&it.attrs, &it.mac, errors);
                            continue;
                        }
                        TraitItem::Verbatim(tokens) => {
                            errors.at(tokens, sentences::unread(self.attribute));
                            continue;
                        }
                        _ => continue,
                    };
                    let is_guarded = method.attrs.iter().any(|it| guard_name(it).is_some());
                    if is_guarded && method.default.is_some() {
                        let name = &method.sig.ident;
                        errors.at(name, sentences::replaceable(&name.to_string()));
                        // It would say so again.
                        method.attrs.retain(|it| guard_name(it).is_none());
                    } else if is_seen
                        && method.default.is_some()
                        && !method.attrs.iter().any(says_who)
                        && (method.sig.asyncness.is_some()
                            || mentions_future(&method.sig.output.to_token_stream()))
                    {
                        let name = &method.sig.ident;
                        let sentence =
                            sentences::unseen_in_trait(self.attribute, &name.to_string());
                        errors.at(name, sentence);
                    }
                }
            }
            Item::Verbatim(tokens) => errors.at(tokens, sentences::unread(self.attribute)),
            _ => {}
        }
    }

    /// Looks at an item of a block that is no function with `async`. `of` is the trait that it implements.
    pub(crate) fn in_block(
        &mut self,
        of: Option<&Path>,
        around: &Around<'_>,
        item: &ImplItem,
        errors: &mut Errors,
    ) {
        let serves = |of: &Path| {
            let last = of.segments.last();
            last.is_some_and(|last| last.ident == "Handler" || last.ident == "Service")
        };
        match (item, of) {
            (ImplItem::Fn(it), None) => {
                self.function(&it.attrs, &it.vis, &it.sig, around, errors);
            }
            (ImplItem::Const(it), of) => {
                // As visible as the trait is.
                let is_seen = of.is_some() || self.sees(&it.vis);
                let value = (&it.ty, &it.expr);
                self.value(&it.attrs, is_seen, &it.ident, value, around, errors);
            }
            (ImplItem::Fn(it), Some(of))
                if serves(of) && it.sig.ident == "call" && !it.attrs.iter().any(says_who) =>
            {
                let name = &it.sig.ident;
                let sentence = sentences::unseen_in_trait(self.attribute, &name.to_string());
                errors.at(name, sentence);
            }
            (ImplItem::Macro(it), _) => self.called(&it.attrs, &it.mac, errors),
            (ImplItem::Verbatim(tokens), _) => errors.at(tokens, sentences::unread(self.attribute)),
            _ => {}
        }
    }

    fn sees(&self, vis: &Visibility) -> bool {
        self.private || !matches!(vis, Visibility::Inherited)
    }

    /// Looks at a function without `async`, which may return a future.
    fn function(
        &mut self,
        attrs: &[Attribute],
        vis: &Visibility,
        sig: &Signature,
        around: &Around<'_>,
        errors: &mut Errors,
    ) {
        let ReturnType::Type(_, returned) = &sig.output else {
            return;
        };
        if sig.asyncness.is_some() || !self.sees(vis) || attrs.iter().any(says_who) {
            return;
        }
        let mut generics = generics(&sig.generics);
        generics.extend_from_slice(&around.generics);
        let cfgs = cfgs(around.attrs, attrs);
        if self.is_future(&cfgs, &sig.ident, returned, &generics) {
            self.report(&sig.ident, errors);
        }
    }

    /// Looks at what is written within a body: an `impl` block there makes methods for everybody.
    fn inner(&self, attrs: &[Attribute], body: &Block, errors: &mut Errors) {
        let is_async = |it: &ImplItem| matches!(it, ImplItem::Fn(it) if it.sig.asyncness.is_some());
        let is_block = |it: &&Stmt| matches!(it, Stmt::Item(Item::Impl(it)) if it.trait_.is_none() || it.items.iter().any(is_async));
        if let Some(block) = body.stmts.iter().find(is_block)
            && !attrs.iter().any(says_who)
        {
            errors.at(block, sentences::unread(self.attribute));
        }
    }

    /// Looks at a constant, which may hold a function.
    fn value(
        &mut self,
        attrs: &[Attribute],
        is_seen: bool,
        name: &Ident,
        (ty, value): (&Type, &Expr),
        around: &Around<'_>,
        errors: &mut Errors,
    ) {
        if !is_seen || attrs.iter().any(says_who) {
            return;
        }
        let holds = match ty {
            Type::FnPtr(function) => match &function.output {
                ReturnType::Type(_, returned) => {
                    let cfgs = cfgs(around.attrs, attrs);
                    self.is_future(&cfgs, name, returned, &around.generics)
                }
                ReturnType::Default => false,
            },
            _ => is_closure(value) || may_be_handler(ty, value),
        };
        if holds {
            let sentence = sentences::unseen_value(self.attribute, &name.to_string());
            errors.at(name, sentence);
        }
    }

    /// Returns whether it is a future, as far as it can be read. What cannot is for the compiler to say.
    fn is_future(
        &mut self,
        cfgs: &[Attribute],
        name: &Ident,
        ty: &Type,
        generics: &[String],
    ) -> bool {
        let tokens = ty.to_token_stream();
        let names = names(&tokens);
        if is_opaque(&names, generics) {
            return mentions_future(&tokens);
        }
        let has_lifetimes = names.iter().any(|it| is_named_lifetime(it));
        if is_boxed(ty) || (has_lifetimes && mentions_future(&tokens)) {
            return true;
        }
        if !matches!(ty, Type::Never(_)) {
            self.checks.push(self.check(cfgs, name, ty));
        }
        false
    }

    /// Writes a constant that does not compile where the type is a future.
    fn check(&self, cfgs: &[Attribute], name: &Ident, ty: &Type) -> TokenStream {
        let span = krate::at(name.span());
        let runtime = krate::respanned(self.runtime.to_token_stream(), span);
        // No constant can name those of the function.
        let ty = krate::with_lifetimes(ty.to_token_stream(), "static");
        let (attribute, name) = (self.attribute, name.to_string());
        quote_spanned! {span=>
            #(#cfgs)*
            #[allow(deprecated, unused_imports)]
            const _: () = {
                use #runtime::NoFuture as _;
                #runtime::sees(#attribute, #name, #runtime::Returned::<#ty>::IS_FUTURE)
            };
        }
    }

    fn report(&self, name: &Ident, errors: &mut Errors) {
        let sentence = sentences::unseen_future(self.attribute, &name.to_string());
        errors.at(name, sentence);
    }

    /// Reports the call of a macro, which may write anything.
    fn called(&self, attrs: &[Attribute], called: &Macro, errors: &mut Errors) {
        let name = called.path.segments.last().map(|last| &last.ident);
        let writes_none = name.is_some_and(|it| it == "thread_local" || it == "compile_error");
        if !writes_none && !attrs.iter().any(says_who) {
            let name = name.map(ToString::to_string).unwrap_or_default();
            errors.at(&called.path, sentences::unseen_macro(self.attribute, &name));
        }
    }

    /// Reports a `pub use`, since what it names is not written here. A type is no handler.
    fn imported(&self, item: &ItemUse, modules: &[String], errors: &mut Errors) {
        if matches!(item.vis, Visibility::Inherited) || item.attrs.iter().any(says_who) {
            return;
        }
        // `::name` is a crate, whatever is beside it.
        let modules = item.leading_colon.map_or(modules, |_| &[]);
        self.import(&item.tree, modules, errors);
    }

    fn import(&self, tree: &UseTree, modules: &[String], errors: &mut Errors) {
        let name = match tree {
            // What is in a module beside it has been looked at there.
            UseTree::Path(path) if path.ident == "self" => {
                return self.import(&path.tree, modules, errors);
            }
            UseTree::Path(path) if modules.iter().any(|it| path.ident == it) => return,
            UseTree::Path(path) => return self.import(&path.tree, &[], errors),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, modules, errors);
                }
                return;
            }
            UseTree::Glob(_) => "*".to_owned(),
            UseTree::Name(name) => name.ident.to_string(),
            UseTree::Rename(rename) => rename.ident.to_string(),
        };
        if !is_type(&name) && !modules.contains(&name) {
            errors.at(tree, sentences::unseen_import(self.attribute, &name));
        }
    }
}

/// `Shop`, and neither `shop` nor `SHOP`.
fn is_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && (name.len() == 1 || name.contains(char::is_lowercase))
}

/// A closure, however it is wrapped.
fn is_closure(value: &Expr) -> bool {
    match value {
        Expr::Closure(_) => true,
        Expr::Paren(it) => is_closure(&it.expr),
        Expr::Group(it) => is_closure(&it.expr),
        Expr::Reference(it) => is_closure(&it.expr),
        Expr::Cast(it) => is_closure(&it.expr),
        Expr::Block(it) => match it.block.stmts.last() {
            Some(Stmt::Expr(last, None)) => is_closure(last),
            _ => false,
        },
        _ => false,
    }
}

/// `BoxFuture<...>`, `Pin<Box<dyn Future<...>>>`.
fn is_boxed(ty: &Type) -> bool {
    let Type::Path(path) = ty else {
        return false;
    };
    path.path.segments.last().is_some_and(|last| {
        let arguments = last.arguments.to_token_stream();
        last.ident.to_string().ends_with("Future")
            || (last.ident == "Pin" && mentions_future(&arguments))
    })
}

/// Returns whether a type has a meaning only where it stands, so that no constant beside it can name it. One
/// with lifetimes has not, unless it brings them itself: `for<'a> fn(&'a str)`.
fn is_opaque(names: &[String], generics: &[String]) -> bool {
    names
        .iter()
        .any(|name| name == "impl" || name == "Self" || name == "for" || generics.contains(name))
}

fn is_named_lifetime(name: &str) -> bool {
    name.starts_with('\'') && name != "'static" && name != "'_"
}

/// Returns the `cfg`s of an item and of what is around it: what is not compiled has no type.
/// They stand above it, also where they were written within: `#![cfg(...)]`.
fn cfgs(around: &[Attribute], own: &[Attribute]) -> Vec<Attribute> {
    let all = around.iter().chain(own);
    let cfgs = all.filter(|it| it.path().is_ident("cfg"));
    let above = |it: &Attribute| Attribute {
        style: AttrStyle::Outer,
        ..it.clone()
    };
    cfgs.map(above).collect()
}

/// Returns the types and the constants that are generic. Lifetimes are not what a type is a future by.
fn generics(generics: &Generics) -> Vec<String> {
    let params = generics.params.iter();
    let names = params.filter_map(|it| match it {
        syn::GenericParam::Type(it) => Some(it.ident.to_string()),
        syn::GenericParam::Const(it) => Some(it.ident.to_string()),
        syn::GenericParam::Lifetime(_) => None,
    });
    names.collect()
}

/// Returns whether a constant holds a handler, by the name of its type. An own type may be called `Service`: then
/// it is made by a call, and no function is named.
fn may_be_handler(ty: &Type, value: &Expr) -> bool {
    let tokens = ty.to_token_stream();
    let is_any = matches!(ty, Type::Reference(_)) || names(&tokens).iter().any(|it| it == "dyn");
    let is_made = matches!(value, Expr::Call(_) | Expr::MethodCall(_) | Expr::Struct(_));
    if is_made && !is_any {
        names(&tokens).iter().any(|name| is_future_name(name))
    } else {
        mentions_future(&tokens)
    }
}

/// Returns whether a name in it says so: `Future`, `BoxFuture`, `Handler` and the like.
fn mentions_future(tokens: &TokenStream) -> bool {
    names(tokens)
        .iter()
        .any(|name| is_future_name(name) || name == "Handler" || name == "Service")
}

fn is_future_name(name: &str) -> bool {
    name.ends_with("Future") || name.starts_with("AsyncFn")
}

/// Returns the words and the lifetimes in it.
fn names(tokens: &TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_lifetime = false;
    for token in tokens.clone() {
        let after_quote = core::mem::take(&mut is_lifetime);
        match token {
            TokenTree::Ident(name) if after_quote => names.push(format!("'{name}")),
            TokenTree::Ident(name) => names.push(name.to_string()),
            TokenTree::Punct(punct) => is_lifetime = punct.as_char() == '\'',
            TokenTree::Group(group) => names.extend(self::names(&group.stream())),
            TokenTree::Literal(_) => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Which, guard};
    use crate::protected::protected;

    /// What a guard on a module and `#[protected]` say of an item in it.
    fn said(item: &str) -> [String; 2] {
        let module = format!("mod handlers {{ #[public] pub async fn health() {{}} {item} }}");
        let module: TokenStream = module.parse().unwrap();
        let none = TokenStream::new;
        [
            guard(Which::Auth, none(), module.clone()).to_string(),
            protected(none(), module).to_string(),
        ]
    }

    #[test]
    fn handlers_in_other_forms_are_errors() {
        for item in [
            "pub fn orders() -> impl Future<Output = String> { async {} }",
            "pub fn orders() -> impl ::core::future::Future<Output = String> + Send {}",
            "pub fn orders(body: String) -> Pin<Box<dyn Future<Output = String> + Send>> {}",
            "pub(crate) fn orders() -> BoxFuture<'static, String> {}",
            "pub fn orders<'a>(it: &'a str) -> Pin<Box<dyn Future<Output = &'a str> + 'a>> {}",
            "pub fn orders<T>(it: T) -> BoxFuture<'static, T> {}",
            "pub fn orders() -> impl AsyncFn(String) -> String {}",
            "pub fn orders() -> impl Handler<(), ()> {}",
            "pub const ORDERS: Handler = || ready(());",
            "pub const ORDERS: Handler = (|| async {}) as Handler;",
            "pub static ORDERS: &Handler = &|| ready(());",
            "pub const ORDERS: Handler = elsewhere::orders;",
            "pub const ORDERS: &dyn Handler = made();",
            "pub const ORDERS: fn() -> BoxFuture<'static, ()> = elsewhere::orders;",
            "pub const ORDERS: &dyn Fn() -> BoxFuture<'static, ()> = &elsewhere::orders;",
            "handler!(orders);",
            "handlers! { orders, sales }",
            "include!(\"orders.rs\");",
            "pub use super::orders;",
            "pub(crate) use super::{Shop, orders};",
            "pub use super::orders as sales;",
            "pub use super::orders as Sales;",
            "pub use super::elsewhere::*;",
            "pub trait Orders { async fn orders() {} }",
            "pub trait Orders { #[require_auth] async fn orders() {} }",
            "pub trait Orders { fn orders() -> impl Future<Output = ()> { async {} } }",
            "impl Shop { pub fn orders(&self) -> impl Future<Output = ()> { async {} } }",
            "impl Shop { pub const ORDERS: Handler = || ready(()); }",
            "impl Shop { handler!(orders); }",
            "impl<S> Service<S> for Shop { fn call(&mut self, it: S) -> Self::Future {} }",
            "pub mod inner { pub fn orders() -> BoxFuture<'static, ()> {} }",
            "const _: () = { impl Shop { pub async fn orders() {} } };",
            "fn inner() { impl Shop { pub async fn orders() {} } }",
            "pub trait Api { const LIST: fn() -> BoxFuture<'static, ()> = elsewhere::list; }",
            "pub trait Api { handlers!(); }",
            "impl Api for Shop { const LIST: fn() -> BoxFuture<'static, ()> = elsewhere::list; }",
            "pub use ::axum::body::to_bytes; mod axum { #[public] pub async fn orders() {} }",
        ] {
            for said in said(item) {
                assert!(said.contains("compile_error"), "{item}: {said}");
            }
            if ["impl", "pub trait", "pub mod"]
                .iter()
                .all(|it| !item.starts_with(it))
            {
                for said in said(&format!("#[authsafe::public] {item}")) {
                    assert!(!said.contains("compile_error"), "{item}: {said}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_handler_is_none() {
        for item in [
            "pub fn names() {}",
            "pub fn first<'a, T>(names: &'a [&'a str], it: T) -> Option<&'a str> {}",
            "pub const LIMIT: usize = 10;",
            "pub const LENGTH: fn(&str) -> usize = |it| it.len();",
            "pub static NAMES: LazyLock<Vec<u8>> = LazyLock::new(|| Vec::new());",
            "thread_local! { static COUNT: u8 = 0; }",
            "macro_rules! handler { () => {} }",
            "use super::orders;",
            "pub use super::Shop;",
            "pub const SERVICE: Service = Service::new();",
            "pub static HANDLER: Handler = Handler { limit: 10 };",
            "impl<T: Clone> Repo<T> { pub fn get(&self) -> Option<T> {} }",
            "pub use self::inner::orders; mod inner { #[public] pub async fn orders() {} }",
            "pub trait Orders { async fn orders(); fn count() -> usize { 0 } }",
            "impl Orders for Shop { #[require_auth] async fn orders() {} }",
            "impl Shop { pub fn new() -> Self { Self } }",
            "pub trait Api { const LIMIT: usize = 10; const LENGTH: fn(&str) -> usize = str::len; }",
            "impl Api for Shop { const LIMIT: usize = 10; }",
            "fn parse() { struct G; impl Drop for G { fn drop(&mut self) {} } }",
            "const COUNT: usize = { const fn one() -> usize { 1 } one() };",
            "impl FromRequest for Shop { fn from_request() -> Self::Future {} }",
        ] {
            for said in said(item) {
                assert!(!said.contains("compile_error"), "{item}: {said}");
            }
        }
    }

    #[test]
    fn a_type_by_another_name_is_for_the_compiler() {
        for said in said("#[cfg(x)] pub fn orders() -> Answer {}") {
            let check = ":: authsafe :: __private :: Returned :: < Answer > :: IS_FUTURE";
            assert!(said.contains(check), "{said}");
            let (_, after) = said.split_once("fn orders").unwrap();
            assert!(after.contains("# [cfg (x)]"), "{said}");
        }
        for said in said("pub fn orders<'a>(it: &'a str) -> Later<'a> {}") {
            let check = ":: Returned :: < Later < 'static > > :: IS_FUTURE";
            assert!(said.contains(check), "{said}");
        }
        for item in [
            "impl<T> Repo<T> { pub fn get(&self) -> Option<T> {} }",
            "pub trait Api<T> { const GET: fn() -> Option<T> = || None; }",
        ] {
            for said in said(item) {
                assert!(!said.contains("IS_FUTURE"), "{said}");
            }
        }
    }

    #[test]
    fn a_type_is_looked_at_where_it_is_compiled() {
        for item in [
            "#[cfg(pdf)] impl Report { #[cfg(unix)] pub fn pages(&self) -> pdf::Pages {} }",
            "impl Report { #![cfg(pdf)] #[cfg(unix)] pub fn pages(&self) -> pdf::Pages {} }",
            "#[cfg(pdf)] impl Report { #[cfg(unix)] pub const PAGES: fn() -> pdf::Pages = pages; }",
            "#[cfg(pdf)] pub trait Report { #[cfg(unix)] const PAGES: fn() -> pdf::Pages = pages; }",
            "#[cfg(pdf)] impl Report for Shop { #[cfg(unix)] const PAGES: fn() -> pdf::Pages = pages; }",
        ] {
            for said in said(item) {
                let (before, _) = said.split_once(":: IS_FUTURE").unwrap();
                let (_, check) = before.rsplit_once("}").unwrap();
                assert!(
                    check.starts_with(" # [cfg (pdf)] # [cfg (unix)] # [allow"),
                    "{said}"
                );
            }
        }
        let block = "#[cfg(pdf)] impl Report { pub fn pages(&self) -> pdf::Pages {} pub async fn all() {} }";
        let guarded = guard(Which::Auth, TokenStream::new(), block.parse().unwrap()).to_string();
        assert_eq!(guarded.matches("# [cfg (pdf)]").count(), 2, "{guarded}");
    }
}
