/** One file of a published dataset. */
export interface DataFile {
  /** Its name in the dataset's folder: `train-images-idx3-ubyte.gz`. */
  readonly file: string;
  /** Its official address, `https:` or `http:`. */
  readonly url: string;
  /** Hexadecimal; sha256 where the publisher states one, md5 where only that is known. */
  readonly sha256?: string;
  readonly md5?: string;
  readonly bytes?: number;
  /**
   * For a `.tar.gz`: the folder, beside it, that its files go to. A first folder of that name inside the archive is
   * dropped. The archive itself isn't kept.
   */
  readonly unpackTo?: string;
}

/** Where a dataset's files come from, for `auxflow data fetch`. */
export interface DataSource {
  /** One line: what it is. */
  readonly description: string;
  /** Under which terms it may be used, as its publisher says. */
  readonly licence: string;
  /** Where its publisher describes it. */
  readonly home: string;
  readonly files: readonly DataFile[];
  /** A folder where the dataset's stage finds the same files too, such as that of a system's package. */
  readonly elsewhere?: string;
}

/** Sources by the name that `auxflow data fetch` is given: that of the dataset stage that reads them. */
export type DataSources = Readonly<Record<string, DataSource>>;
