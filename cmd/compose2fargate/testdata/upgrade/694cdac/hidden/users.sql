create user 'shop' identified by 'Otter-Moss-12';
