@main struct Podfs {
  static func main() {}
}
