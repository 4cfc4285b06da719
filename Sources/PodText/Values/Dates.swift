import PodPickle

extension ValueReader {
  /// Dates and times as Python's `repr` has them.
  static let dates: [String: Recognizer] = [
    "datetime.date": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 1,
        let bytes = reader.shortBytes(object.argument(0)), bytes.count == 4
      else { return nil }
      return .line("datetime.date(\(DateTime.date(bytes)))")
    },
    "datetime.time": { object, reader throws(BlobError) in
      try reader.moment(object, "datetime.time", byteCount: 6)
    },
    "datetime.datetime": { object, reader throws(BlobError) in
      try reader.moment(object, "datetime.datetime", byteCount: 10)
    },
    "datetime.timedelta": { object, reader throws(BlobError) in
      let numbers = object.arguments.map { reader.integer($0) }
      guard object.isPlain, numbers.count == 3, !numbers.contains(nil) else { return nil }
      let parts = zip(["days", "seconds", "microseconds"], numbers.compactMap { $0 })
        .filter { $0.1 != 0 }.map { "\($0)=\($1)" }
      return .line("datetime.timedelta(\(parts.isEmpty ? "0" : parts.joined(separator: ", ")))")
    },
    "datetime.timezone": { object, reader throws(BlobError) in
      guard object.isPlain, let first = object.argument(0) else { return nil }
      if object.arguments.count == 1, let text = try reader.shortText(of: first),
        text.elementsEqual("datetime.timedelta(0)".utf8)
      {
        return .line("datetime.timezone.utc")
      }
      return try reader.call("datetime.timezone", object.arguments)
    },
    "zoneinfo.ZoneInfo._unpickle": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 2, let key = object.argument(0),
        let text = try reader.shortText(of: key)
      else { return nil }
      return .line(Array("zoneinfo.ZoneInfo(key=".utf8) + text + Array(")".utf8))
    },
    "pytz._UTC": { object, _ throws(BlobError) in
      object.isPlain && object.arguments.isEmpty ? .line("pytz.utc") : nil
    },
    "pytz._p": { object, reader throws(BlobError) in
      // One object for each offset that the zone has had.
      guard object.isPlain else { return nil }
      return try reader.call(
        object.arguments.count == 1 ? "pytz.timezone" : "pytz zone", object.arguments)
    },
    "pytz.FixedOffset": call("pytz.FixedOffset"),
    "dateutil.tz.tz.tzutc": call("tzutc"),
    "dateutil.tz.tz.tzoffset": call("tzoffset"),
    "dateutil.tz.tz.tzstr": call("tzstr"),
  ]

  /// A time, or a date with one; the zone on a line of its own if it is none of the known ones.
  private func moment(
    _ object: MadeObject, _ name: String, byteCount: Int
  ) throws(BlobError) -> Value? {
    guard object.isPlain, (1...2).contains(object.arguments.count),
      let bytes = shortBytes(object.argument(0)), bytes.count == byteCount
    else { return nil }
    let text = "\(name)(\(byteCount == 6 ? DateTime.time(bytes) : DateTime.dateAndTime(bytes))"
    guard let zone = object.argument(1), !isNone(zone) else { return .line(text + ")") }
    if let short = try shortText(of: zone) {
      return .line(Array("\(text), tzinfo=".utf8) + short + Array(")".utf8))
    }
    return .composite(
      Composite(
        open: text + ",", close: ")", order: .mapping, isMutable: false,
        sections: [.parts([.attribute("tzinfo", zone)])]))
  }
}

/// The bytes in which pickles have dates and times.
private enum DateTime {
  static func date(_ bytes: [UInt8]) -> String {
    "\(Int(bytes[0]) << 8 | Int(bytes[1])), \(bytes[2] & 0x7f), \(bytes[3])"
  }

  static func time(_ bytes: [UInt8]) -> String {
    clock(bytes[...]) + (bytes[0] & 0x80 != 0 ? ", fold=1" : "")
  }

  static func dateAndTime(_ bytes: [UInt8]) -> String {
    "\(date(bytes)), \(clock(bytes[4...]))" + (bytes[2] & 0x80 != 0 ? ", fold=1" : "")
  }

  /// Hour and minute, and what follows as far as it is not 0.
  private static func clock(_ bytes: ArraySlice<UInt8>) -> String {
    let (hour, minute, second) = (
      bytes[bytes.startIndex] & 0x7f, bytes[bytes.startIndex + 1], bytes[bytes.startIndex + 2]
    )
    let micro = bytes.dropFirst(3).reduce(0) { $0 << 8 | Int($1) }
    var text = "\(hour), \(minute)"
    if second != 0 || micro != 0 { text += ", \(second)" }
    if micro != 0 { text += ", \(micro)" }
    return text
  }
}
