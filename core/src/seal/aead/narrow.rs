//! AES-256 a block at a time. The cipher has a second implementation for several blocks at once: a tenth of what a page
//! loads to seal a token, for a token's few blocks.

use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{
    Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, Key, KeyInit, KeySizeUser,
    ParBlocksSizeUser, consts, inout::InOut,
};

/// The same cipher with half of the code.
pub(super) struct Narrow(Aes256);

impl KeySizeUser for Narrow {
    type KeySize = consts::U32;
}

impl KeyInit for Narrow {
    fn new(key: &Key<Self>) -> Self {
        Self(Aes256::new(key))
    }
}

impl BlockSizeUser for Narrow {
    type BlockSize = consts::U16;
}

impl BlockCipherEncrypt for Narrow {
    fn encrypt_with_backend(&self, work: impl BlockCipherEncClosure<BlockSize = Self::BlockSize>) {
        self.0.encrypt_with_backend(OneByOne(work));
    }
}

/// Work, or a backend, of one block at a time.
struct OneByOne<T>(T);

impl<T: BlockSizeUser> BlockSizeUser for OneByOne<T> {
    type BlockSize = T::BlockSize;
}

impl<T: BlockCipherEncClosure> BlockCipherEncClosure for OneByOne<T> {
    fn call<B: BlockCipherEncBackend<BlockSize = Self::BlockSize>>(self, backend: &B) {
        self.0.call(&OneByOne(backend));
    }
}

impl<B: BlockCipherEncBackend> ParBlocksSizeUser for OneByOne<&B> {
    type ParBlocksSize = consts::U1;
}

impl<B: BlockCipherEncBackend> BlockCipherEncBackend for OneByOne<&B> {
    fn encrypt_block(&self, block: InOut<'_, '_, Block<Self>>) {
        self.0.encrypt_block(block);
    }
}
