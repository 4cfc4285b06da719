import PodPickle

/// Single values of pandas.
extension ValueReader {
  /// A time, a span, a period or what else stands on one line; nil for anything else.
  func pandasScalar(_ object: MadeObject, named name: String) throws(BlobError) -> Value? {
    switch name {
    case "_unpickle_timestamp": return timestamp(object)
    case "_timedelta_unpickle":
      guard let ticks = integer(object.argument(0)),
        let unit = resolution(object.argument(1))
      else { return nil }
      var text = Array("pandas.Timedelta('".utf8)
      text.append(span: Int64(ticks), unit)
      return .line(text + Array("')".utf8))
    case "Period":
      guard let ordinal = integer(object.argument(2)),
        let (name, frequency) = object.argument(1).flatMap({ periodFrequency($0) })
      else { return nil }
      var text = Array("pandas.Period('".utf8)
      text.append(period: Int64(ordinal), frequency)
      return .line(text + Array("', '\(name)')".utf8))
    case "_nat_unpickle", "__nat_unpickle": return .line("NaT")
    default: return nil
    }
  }

  /// Reads `_unpickle_timestamp(ticks, frequency, zone, resolution)`.
  private func timestamp(_ object: MadeObject) -> Value? {
    guard let ticks = integer(object.argument(0)), let unit = resolution(object.argument(3))
    else { return nil }
    var text = Array("pandas.Timestamp('".utf8)
    let zone = object.argument(2).flatMap { isNone($0) ? nil : zoneText(of: $0) }
    text.append(timestamp: Int64(ticks), unit, zone: zone.map { $0.ahead ?? 0 })
    text.append(UInt8(ascii: "'"))
    if let zone, zone.ahead == nil { text += ", tz='\(zone.name)'".utf8 }
    return .line(text + Array(")".utf8))
  }

  /// The unit with the number that numpy has for it; nanoseconds where there is none.
  private func resolution(_ node: Node?) -> TimeUnit? {
    guard let node, let number = integer(node) else { return .nanosecond }
    let units: [Int: TimeUnit.Base] = [
      7: .second, 8: .millisecond, 9: .microsecond, 10: .nanosecond,
    ]
    return units[number].map { TimeUnit(base: $0, multiple: 1) }
  }
}
