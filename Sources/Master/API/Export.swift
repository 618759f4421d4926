// The services of the master's files, for ipvsadm.

internal import IPVS
internal import Weighting

extension AdminAPI.Export {
    init(_ loaded: Configuration.Loaded) {
        guard let configuration = loaded.configuration else {
            self.init(refused: "the files are not valid; `poise check` says why")
            return
        }
        guard let declaration = configuration.declaration else {
            self.init(
                refused: "with ipvs.manage: weights the services are somebody else's; "
                    + "`ipvsadm-save -n` prints the kernel's table")
            return
        }
        self.init(rules: declaration.rules)
    }
}
