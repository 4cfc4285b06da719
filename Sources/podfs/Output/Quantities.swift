/// Returns a number of bytes for a person: `812 B`, `1.4 KiB`, `26 MiB`.
func byteText(_ count: Int64) -> String {
  if count < 1024 { return "\(count) B" }
  var unit = 0
  var value = Double(count)
  let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
  while value >= 1024, unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  // Rounding can reach the next unit: 1023.6 KiB is 1.0 MiB.
  if value >= 1023.5, unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  if value >= 9.95 { return "\(Int64(value.rounded())) \(units[unit])" }
  let tenths = Int64((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10) \(units[unit])"
}

/// Returns `1 commit`, `2 commits`.
func countText(_ count: some BinaryInteger, _ noun: String, plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}

/// Returns the number of bytes that a text like `500MiB` or `500M` says; nil if it says none.
func byteCount(in text: String) -> Int64? {
  let digits = text.prefix { $0.isASCII && $0.isNumber }
  let unit = text[digits.endIndex...]
  let units = [["", "B"], ["K", "KiB"], ["M", "MiB"], ["G", "GiB"], ["T", "TiB"]]
  guard let number = Int64(digits),
    let power = units.firstIndex(where: { $0.contains(String(unit)) })
  else { return nil }
  let (bytes, overflows) = number.multipliedReportingOverflow(by: 1 << (10 * Int64(power)))
  return overflows ? nil : bytes
}
