import PodFUSE
import PodModel
import PodStore
import Testing

extension RealMounts {
  /// What is only written goes past the kernel's cache, which others read.
  @Suite(.enabled(if: Mount.isAvailable)) struct DirectWriting {
    let mounted: Mounted

    init() throws { mounted = try Mounted() }

    @Test("Who reads or has mapped a file sees at once what another only writes")
    func coherence() {
      let script = """
        import mmap, os, random
        random.seed(1)
        os.chdir('\(mounted.path)/alice/workspace')
        size = 300_000
        model = bytearray(random.randbytes(size))
        with open('x', 'wb', buffering=0) as file: file.write(model)
        writer, reader = os.open('x', os.O_WRONLY), os.open('x', os.O_RDWR)
        with mmap.mmap(reader, size) as map:
            for _ in range(300):
                start = random.randrange(size)
                data = random.randbytes(random.choice([1, 100, 4096, 70_000]))[:size - start]
                how = random.randrange(4)
                if how == 0: os.pwrite(reader, data, start)
                elif how == 1: map[start:start + len(data)] = data
                else: os.pwrite(writer, data, start)
                model[start:start + len(data)] = data
                assert map[:] == model, 'mapping'
                assert os.pread(reader, size, 0) == model, 'read'
        os.close(writer)
        os.close(reader)
        with open('x', 'rb') as source, open('y', 'wb') as target:
            assert os.sendfile(target.fileno(), source.fileno(), 0, size) == size
        with open('y', 'ab') as file: file.write(b'end')
        assert open('x', 'rb').read() == model
        assert open('y', 'rb').read() == model + b'end'
        print('same')
        """
      #expect(shell("python3 - <<'END'\n\(script)\nEND").output == "same\n")
    }
  }
}
