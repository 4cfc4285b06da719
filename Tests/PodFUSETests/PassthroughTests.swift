import Glibc
import PodFUSE
import PodModel
import PodStore
import Testing

extension RealMounts {
  /// What is read while the kernel begins to read a file itself.
  @Suite(.enabled(if: Mount.isAvailable)) struct Passthrough {
    let mounted: Mounted

    init() throws { mounted = try Mounted() }

    /// Whether the kernel may read files itself: root on Linux 6.9 or later.
    private static var isAllowed: Bool {
      var name = utsname()
      guard geteuid() == 0, unsafe uname(&name) == 0 else { return false }
      let release = unsafe withUnsafeBytes(of: &name.release) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
      return numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 9)
    }

    @Test("A file is the same whoever opens it, how often, and in which way, until it is closed")
    func sameBytes() {
      let script = """
        import mmap, os
        from concurrent.futures import ThreadPoolExecutor
        os.chdir('\(mounted.path)/alice')
        data = os.urandom(3 << 20)
        with open('workspace/x', 'wb') as file: file.write(data)
        with open('commit', 'w') as file: file.write('one')
        def work(turns):
            for turn in range(turns):
                with open('commits/1/x', 'rb') as file:
                    if turn % 3:
                        assert file.read() == data
                    else:
                        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as map:
                            assert map[:] == data
        with ThreadPoolExecutor(4) as threads: list(threads.map(work, [60] * 4))
        work(60)
        assert os.stat('commits/1/x').st_size == len(data)
        print('same')
        """
      #expect(shell("python3 - <<'END'\n\(script)\nEND").output == "same\n")
    }

    @Test("A copy that the kernel reads needs the mount no more", .enabled(if: isAllowed))
    func copied() {
      let script = """
        import os, time
        data = os.urandom(3 << 20)
        os.chdir('\(mounted.path)/alice')
        with open('workspace/x', 'wb') as file: file.write(data)
        with open('commit', 'w') as file: file.write('one')
        for _ in range(2): open('commits/1/x', 'rb').close()
        end = time.monotonic() + 10
        def copies():
            own = '/proc/\(getpid())/fd/'
            for number in os.listdir(own):
                try:
                    if '/cache/' in os.readlink(own + number): yield os.stat(own + number).st_size
                except OSError: pass
        while len(data) not in copies() and time.monotonic() < end: pass
        packs = '\(mounted.root)/store/packs/'
        for pack in os.listdir(packs): os.truncate(packs + pack, 0)
        def read():
            with open('commits/1/x', 'rb') as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                try: return file.read()
                except OSError: return b''
        while read() != data and time.monotonic() < end: pass
        print(read() == data, len(list(copies())))
        """
      #expect(shell("python3 - <<'END'\n\(script)\nEND").output == "True 1\n")
    }
  }
}
