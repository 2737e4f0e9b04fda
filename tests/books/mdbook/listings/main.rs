fn main() {
    // ANCHOR: body
    println!("one");
    // ANCHOR: inner
    println!("two");
    // ANCHOR_END: inner
    // ANCHOR_END: body
}
