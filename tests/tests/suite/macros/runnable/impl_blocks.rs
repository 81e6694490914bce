use super::*;

struct Scale(u32);

#[runnable]
impl Runnable<u32> for Scale {
    type Output = u32;
    async fn call(&self, input: u32, _cx: &Context) -> catena::Result<u32> {
        Ok(input * self.0)
    }
}

#[derive(Clone)]
struct Lookup(HashMap<String, u32>);

#[runnable(name = "lookup", kind = retriever, tags("local"))]
impl Runnable<String> for Lookup {
    type Output = Option<u32>;
    async fn call_ref(&self, key: &String, _cx: &Context) -> catena::Result<Option<u32>> {
        Ok(self.0.get(key).copied())
    }
}

/// One step, two inputs: the second block is an ordinary one.
struct Letters;

#[runnable]
impl Runnable<String> for Letters {
    type Output = String;
    type Chunk = String;
    type Assembler = Concat;

    fn assembler(&self) -> Concat {
        Concat::default()
    }

    async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> {
        Ok(input)
    }

    fn call_stream<'a>(&'a self, input: String, _cx: &'a Context) -> Chunks<'a, String>
    where
        String: 'a,
    {
        let letters: Vec<_> = input.chars().map(|letter| Ok(letter.to_string())).collect();
        Chunks::new(futures_util::stream::iter(letters))
    }
}

struct Prefix<T>(T);

#[runnable]
impl<T: Display + Send + Sync> Runnable<String> for Prefix<T> {
    type Output = String;
    async fn call(&self, input: String, _cx: &Context) -> catena::Result<String> {
        Ok(format!("{}{input}", self.0))
    }
}

struct Tail;

#[runnable]
impl<'x> Runnable<&'x str> for Tail {
    type Output = usize;
    async fn call(&self, input: &'x str, _cx: &Context) -> catena::Result<usize> {
        Ok(input.len() - 1)
    }
}

#[tokio::test]
async fn what_is_not_written_is_filled_in() -> catena::Result<()> {
    assert_eq!(Scale(2).invoke(21).await?, 42);
    let step = Scale(2);
    let chunks: Vec<_> = step.stream(21).map(Result::unwrap).collect().await;
    assert_eq!(chunks, [42]);
    assert_eq!(chain!(u32 => Scale(2) | Scale(3) | <a: Scale(1), b: Scale(2)>).invoke(1).await?.b, 12);
    assert_eq!(<Scale as Step>::NODE.name(), Some("Scale"));
    assert_eq!(Prefix(7).invoke("x".into()).await?, "7x");
    let text = String::from("four");
    assert_eq!(Tail.invoke(text.as_str()).await?, 3);
    Ok(())
}

#[tokio::test]
async fn call_ref_alone_is_enough() -> catena::Result<()> {
    let step = Lookup(HashMap::from([("a".to_owned(), 1)]));
    assert_eq!(step.invoke("a".to_owned()).await?, Some(1));
    assert_eq!(step.clone().map().invoke(vec!["a".into(), "b".into()]).await?, [Some(1), None]);
    let Node::Step(leaf) = <Lookup as Step>::NODE else { panic!("a single step") };
    assert_eq!((leaf.name, leaf.kind, leaf.tags), ("lookup", Kind::Retriever, ["local"].as_slice()));
    assert_eq!(step.stream("b".to_owned()).next().await.unwrap()?, None);
    Ok(())
}

#[tokio::test]
async fn a_stream_of_its_own_is_kept() -> catena::Result<()> {
    let chunks: Vec<_> = Letters.stream("abc".to_owned()).map(Result::unwrap).collect().await;
    assert_eq!(chunks, ["a", "b", "c"]);
    let chain = chain!(String => Scripted::says(["x", "y"]) | Letters | Letters);
    assert_eq!(chain.invoke(String::new()).await?, "xy");
    let chunks: Vec<_> = chain.stream(String::new()).map(Result::unwrap).collect().await;
    assert_eq!(chunks, ["x", "y"]);
    Ok(())
}
